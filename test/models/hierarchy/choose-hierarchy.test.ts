import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { InvalidHierarchyError } from '../../../classifier/errors.ts';
import { chooseHierarchy, IMAGENET_HIERARCHY } from '../../../models/hierarchy/choose-hierarchy.ts';
import { readLabels } from '../../../models/labels/labels.ts';
import { SMALL_LABELS, SMALL_NODES } from '../../classifier/concepts/small-hierarchy.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'choose-hierarchy-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function fileOf(text: string): Promise<string> {
  const path = join(folder, 'own.json');
  await writeFile(path, text);
  return path;
}

const imageNetLabels = () => readLabels(undefined, 1000, fail);

function fail(text: string): never {
  throw new Error(`expected no warning, received: ${text}`);
}

test("ImageNet's classes get ImageNet's hierarchy: 860 concepts above 1,000 classes, in at most 200 kB", async () => {
  const labels = await imageNetLabels();

  const text = await chooseHierarchy(undefined, labels, fail);

  expect(JSON.parse(text ?? '')).toEqual(JSON.parse(await readFile(IMAGENET_HIERARCHY, 'utf8')));
  expect((await stat(IMAGENET_HIERARCHY)).size).toBeLessThanOrEqual(200_000);
  const hierarchy = parseHierarchy(text ?? '', labels, 'it');
  const nodes = hierarchy.allNodes();
  const below = new Map(nodes.map(({ id }, index) => [id, hierarchy.classesBelow[index]]));
  expect(nodes).toHaveLength(1860);
  expect([below.get('n00001740'), below.get('n02084071'), below.get('n02123045')]).toEqual([1000, 118, 1]);
  expect(nodes.find(({ id }) => id === 'n02084071')).toEqual({
    id: 'n02084071',
    label: 'dog',
    synonyms: ['domestic dog', 'Canis familiaris'],
    parents: ['n02083346', 'n01317541'],
  });
  // Each class has the model's label.
  const own = new Map(nodes.map(({ id, label }) => [id, label]));
  expect(labels.filter(({ wnid, label }) => own.get(wnid ?? '') !== label)).toEqual([]);
});

test('some of ImageNet’s classes are enough', async () => {
  const labels = (await imageNetLabels()).slice(100, 110);
  await expect(chooseHierarchy(undefined, labels, fail)).resolves.toContain('"dog"');
});

test('labels without WordNet ids get none, and unknown ids get a warning', async () => {
  const warnings: string[] = [];
  await expect(chooseHierarchy(undefined, SMALL_LABELS, fail)).resolves.toBeNull();
  const foreign = [{ label: 'quark', wnid: 'n09407632' }];
  await expect(chooseHierarchy(undefined, foreign, (text) => warnings.push(text))).resolves.toBeNull();
  expect(warnings).toEqual([expect.stringContaining('--hierarchy FILE')]);
});

test('a hierarchy of your own may have any order; parents come first in the package', async () => {
  const file = await fileOf(`\uFEFF${JSON.stringify(SMALL_NODES.toReversed())}`);

  const text = (await chooseHierarchy(file, SMALL_LABELS, fail)) ?? '';

  expect(parseHierarchy(text, SMALL_LABELS, 'it').allNodes()).toHaveLength(SMALL_NODES.length);
});

test.each<[string, string | Uint8Array, string]>([
  ['a circle', JSON.stringify([{ ...SMALL_NODES[0], parents: ['animal'] }, ...SMALL_NODES.slice(1)]), 'in a circle'],
  ['no JSON', 'cat\ndog', 'it is not valid JSON'],
  ['nodes of another form', '[1]', 'node 0: expected an object'],
  ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe]), 'it is not text in UTF-8'],
])('the error names a file with %s', async (_, content, fault) => {
  const file = join(folder, 'wrong.json');
  await writeFile(file, content);
  const choosing = chooseHierarchy(file, SMALL_LABELS, fail);
  await expect(choosing).rejects.toThrow(InvalidHierarchyError);
  await expect(choosing).rejects.toThrow(fault);
  await expect(choosing).rejects.toThrow(file);
});

test('the error names a file that is not there', async () => {
  await expect(chooseHierarchy(join(folder, 'none.json'), SMALL_LABELS, fail)).rejects.toThrow(
    /none\.json .*it does not exist/,
  );
});
