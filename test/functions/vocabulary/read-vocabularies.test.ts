import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidPackageError } from '../../../classifier/errors.ts';
import { HIERARCHY_FILE } from '../../../classifier/manifest.ts';
import { readVocabularies } from '../../../functions/vocabulary/read-vocabularies.ts';
import { IMAGENET_HIERARCHY } from '../../../models/hierarchy/choose-hierarchy.ts';
import { IMAGENET_LABELS } from '../../../models/labels/labels.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-vocabularies-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const MINE =
  '[{"id":"pet","label":"pet","synonyms":[],"parents":[]},{"id":"cat","label":"cat","synonyms":[],"parents":["pet"]}]';
const CAT = [{ label: 'cat', wnid: null }];

function manifestOf(text: string | null, labels = CAT) {
  const file = { bytes: 0, sha256: 'a'.repeat(64) };
  const hierarchy = text === null ? {} : { [HIERARCHY_FILE]: { bytes: Buffer.byteLength(text), sha256: text } };
  return { labels, files: { 'model.onnx': file, 'weights.bin': file, ...hierarchy } };
}

test('models that have classes and concepts in common share a vocabulary; others have their own', async () => {
  await writeFile(join(folder, HIERARCHY_FILE), MINE);
  const mine = { packageDir: folder, manifest: manifestOf(MINE) };
  const flat = { packageDir: folder, manifest: manifestOf(null) };

  const vocabularies = await readVocabularies([mine, { ...mine }, flat]);

  expect(vocabularies.map(({ words }) => words.map(({ id }) => id))).toEqual([['pet', 'cat'], ['cat']]);
});

test("ImageNet's 1,860 nodes are words, and 94 texts name several of them", async () => {
  const [hierarchy, labels] = await Promise.all(
    [IMAGENET_HIERARCHY, IMAGENET_LABELS].map((file) => readFile(file, 'utf8')),
  );
  await writeFile(join(folder, HIERARCHY_FILE), hierarchy ?? '');
  const manifest = manifestOf(hierarchy ?? '', JSON.parse(labels ?? ''));

  const [vocabulary] = await readVocabularies([{ packageDir: folder, manifest }]);

  const { words = [], find = () => [] } = vocabulary ?? {};
  const texts = new Set(words.flatMap(({ label, synonyms }) => [label, ...synonyms]).map((text) => text.toLowerCase()));
  expect(words).toHaveLength(1860);
  expect([...texts].filter((text) => find(text).length > 1)).toHaveLength(94);
  expect(find('Cat').map(({ id }) => id)).toEqual(['n02121620', 'n02127808']);
});

test('a package whose hierarchy is missing is named', async () => {
  const manifest = manifestOf(MINE);
  await expect(readVocabularies([{ packageDir: join(folder, 'none'), manifest }])).rejects.toThrow(InvalidPackageError);
});
