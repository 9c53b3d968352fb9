import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hierarchy, lineageOf, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { openPrepared } from '../../../classifier/concepts/prepared-hierarchy.ts';
import { readHierarchy } from '../../../classifier/concepts/read-hierarchy.ts';
import { sumConcepts } from '../../../classifier/concepts/sum-concepts.ts';
import { InvalidPackageError } from '../../../classifier/errors.ts';
import { softmax } from '../../../classifier/predict.ts';
import { chooseHierarchy, writeHierarchy } from '../../../models/hierarchy/choose-hierarchy.ts';
import { prepareHierarchy, writePrepared } from '../../../models/hierarchy/prepare-hierarchy.ts';
import { readLabels } from '../../../models/labels/labels.ts';
import { seeded } from '../../../models/sample/drawing/brush.ts';
import { validManifest } from '../valid-manifest.ts';
import { SMALL_LABELS } from './small-hierarchy.ts';

type Listed = Parameters<typeof readHierarchy>[1];

/** Where the numbers begin: after the head of 12 words. */
const FIRST_NUMBER = 48;

let packageDir: string;
let manifest: Listed;
let json: Buffer;
let bytes: Buffer;
let parsed: Hierarchy;

beforeAll(async () => {
  packageDir = await mkdtemp(join(tmpdir(), 'prepared-'));
  const labels = await readLabels(undefined, 1000, () => {});
  const listed = await writeHierarchy(packageDir, await chooseHierarchy(undefined, labels, () => {}));
  manifest = { labels, files: { ...validManifest().files, ...listed } };
  writePrepared(packageDir, manifest);
  json = await readFile(join(packageDir, 'hierarchy.json'));
  bytes = await readFile(join(packageDir, 'hierarchy.bin'));
  parsed = parseHierarchy(json.toString(), labels, 'it');
});

afterAll(() => rm(packageDir, { recursive: true }));

function open(prepared: Buffer, { labels = manifest.labels, sha256 = '' } = {}): Hierarchy | null {
  const fail = (message: string) => new InvalidPackageError(packageDir, [{ code: 'hierarchy', message }]);
  return openPrepared(prepared, {
    sha256: sha256 || (manifest.files['hierarchy.json']?.sha256 ?? ''),
    labels,
    readNodes: () => parsed.allNodes(),
    fail,
  });
}

/** Copies the bytes with another 32-bit number at a place. */
function withWord(place: number, word: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeInt32LE(word, place);
  return changed;
}

test('a package with a prepared hierarchy is answered from it, and it says what the text says', async () => {
  const hierarchy = (await readHierarchy(packageDir, manifest))?.();

  expect(hierarchy?.isPrepared).toBe(true);
  const { nameOf: _n, allNodes: _a, isPrepared: _i, ...numbers } = hierarchy as Hierarchy;
  expect(parsed).toMatchObject(numbers);
  const names = parsed.allNodes().map(({ id, label }) => ({ id, label }));
  expect(names.map((_, node) => hierarchy?.nameOf(node))).toEqual(names);
  expect(hierarchy?.allNodes()).toEqual(parsed.allNodes());
  const random = seeded(15);
  const probabilities = softmax(Float32Array.from({ length: 1000 }, () => 12 * random()));
  expect(sumConcepts(hierarchy as Hierarchy, probabilities)).toEqual(sumConcepts(parsed, probabilities));
});

test('bytes may begin anywhere in a larger buffer', () => {
  const larger = Buffer.concat([Buffer.from('x'), bytes]);
  const { id, label } = parsed.nameOf(3);
  expect(open(larger.subarray(1))?.nameOf(3)).toEqual({ id, label });
});

test.each<[string, () => Hierarchy | null]>([
  ['another checksum', () => open(bytes, { sha256: 'a'.repeat(64) })],
  ['other classes', () => open(bytes, { labels: manifest.labels.slice(1) })],
  ['classes in another order', () => open(bytes, { labels: manifest.labels.toReversed() })],
  ['another layout', () => open(withWord(0, 0x41534802))],
  ['more nodes than it has', () => open(withWord(36, 1861))],
  ['far more nodes than it has', () => open(withWord(36, 2_000_000_000))],
  ['fewer nodes than none', () => open(withWord(36, -1))],
  ['a word less', () => open(bytes.subarray(0, -4))],
  ['a byte less', () => open(bytes.subarray(0, -1))],
  ['no bytes', () => open(Buffer.alloc(0))],
])('what was made from %s is not used', (_, opened) => {
  expect(opened()).toBeNull();
});

test('in a package, what cannot be used is parsed instead', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prepared-'));
  try {
    await writeFile(join(folder, 'hierarchy.json'), json);
    await writeFile(join(folder, 'hierarchy.bin'), bytes.subarray(4));
    const hierarchy = (await readHierarchy(folder, manifest))?.();

    expect(hierarchy?.isPrepared).toBe(false);
    expect(hierarchy?.allNodes()).toEqual(parsed.allNodes());
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('numbers that point anywhere give the named error or other sums, and always an end', () => {
  const random = seeded(7);
  const uniform = new Float64Array(1000).fill(0.001);
  const numbers = 9 * parsed.size + 2 + 2 * manifest.labels.length + parsed.ranges.more.length;
  let [used, failed] = [0, 0];
  for (let round = 0; round < 600; round += 1) {
    const changed = Buffer.from(bytes);
    for (let change = 0; change < 8; change += 1) {
      const place = FIRST_NUMBER + 4 * Math.floor(random() * numbers);
      changed.writeInt32LE(Math.floor((random() - 0.3) * 2 ** (1 + 30 * random())), place);
    }
    const hierarchy = open(changed);
    // It says that the list of classes, or the last text, ends elsewhere.
    if (hierarchy === null) continue;
    used += 1;
    for (const index of [0, 500, 999]) lineageOf(hierarchy, index);
    try {
      sumConcepts(hierarchy, uniform);
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid-package', faults: [{ code: 'hierarchy' }] });
      failed += 1;
    }
  }
  expect(used).toBeGreaterThan(590);
  expect(failed).toBeGreaterThan(5);
});

test.each([
  ['the text changed, which still parses', (text: string) => text.replace('"dog"', '"cat"'), 'hierarchy'],
  ['the text is gone', () => null, 'no-file'],
])('answers come from a prepared hierarchy even where %s; its nodes are refused', async (_, change, code) => {
  const folder = await mkdtemp(join(tmpdir(), 'prepared-'));
  try {
    await writeFile(join(folder, 'hierarchy.json'), json);
    await writeFile(join(folder, 'hierarchy.bin'), bytes);
    const hierarchy = (await readHierarchy(folder, manifest))?.();
    const changed = change(json.toString());
    await (changed === null ? rm(join(folder, 'hierarchy.json')) : writeFile(join(folder, 'hierarchy.json'), changed));

    expect(hierarchy?.nameOf(0)).toEqual({ id: 'n00001740', label: 'entity' });
    expect(() => hierarchy?.allNodes()).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ code })] }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ['has a prepared form, whatever its lines', 'cup', true],
  ['with half a surrogate pair has none', '\ud83d', false],
])('a text %s', async (_, label, hasForm) => {
  const folder = await mkdtemp(join(tmpdir(), 'prepared-'));
  try {
    const text = JSON.stringify([{ id: 'cup', label, synonyms: [], parents: [] }]);
    const files = { ...manifest.files, ...(await writeHierarchy(folder, text)) };
    expect(prepareHierarchy(folder, { files, labels: SMALL_LABELS.slice(3) }) !== null).toBe(hasForm);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('ranges that a prepared hierarchy gives to every node are added once', () => {
  const pairs = 1_000_000;
  const nodes = 100_000;
  const ranges = {
    order: new Int32Array(1),
    nodes: Int32Array.from({ length: nodes }, (_, step) => step),
    nexts: new Int32Array(nodes),
    starts: new Int32Array(nodes),
    ends: new Int32Array(nodes),
    // Up and down: every other step has all of them.
    moreStarts: Int32Array.from({ length: nodes + 1 }, (_, step) => (step % 2) * 2 * pairs),
    more: new Int32Array(2 * pairs),
  };
  const hierarchy = { ...parsed, size: nodes, ranges };

  expect(sumConcepts(hierarchy, Float64Array.of(1))).toEqual([]);
  expect(lineageOf(hierarchy, 0)).toEqual([]);
});
