import { cp, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, readManifest } from '../../classifier/manifest.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { hashFile } from '../../models/package/hash-file.ts';
import { verifyPackage } from '../../models/verify.ts';
import { writeLegacyCheckpoint } from './checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BASIC } from './graph/random-network.ts';

let folder: string;
let sound: string;
let damaged: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-'));
  sound = join(folder, 'sound', 'tiny');
  damaged = join(folder, 'damaged', 'tiny');
  await writeLegacyCheckpoint(join(folder, 'tiny.pth'), randomNetwork(TINY_BASIC));
  const nodes = [0, 1, 2, 3, 4].map((index) => ({ id: `class ${index}`, label: 'x', synonyms: [], parents: [] }));
  await writeFile(join(folder, 'concepts.json'), JSON.stringify(nodes));
  await convertCheckpoint({
    checkpoint: join(folder, 'tiny.pth'),
    out: sound,
    hierarchy: join(folder, 'concepts.json'),
  });
});

beforeEach(() => cp(sound, damaged, { recursive: true }));
afterEach(() => rm(damaged, { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true }));

const codesOf = async (packageDir: string) => (await verifyPackage(packageDir)).faults.map(({ code }) => code);

async function changeManifest(change: (manifest: Manifest) => object): Promise<void> {
  await writeFile(join(damaged, 'model.json'), JSON.stringify(change(await readManifest(damaged))));
}

/**
 * Adds 64 to one byte of a file. In the highest byte of a float32 that multiplies by about 2^128.
 */
async function flipByte(file: string, position: number): Promise<void> {
  const handle = await open(join(damaged, file), 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  byte[0] = (byte[0] ?? 0) ^ 0x40;
  await handle.write(byte, 0, 1, position);
  await handle.close();
}

test('an intact package has no faults, and its self-test is well within its tolerance', async () => {
  const result = await verifyPackage(sound);

  const { selfTest } = await readManifest(sound);
  expect(result).toEqual({
    package: sound,
    ok: true,
    faults: [],
    selfTest: { maxDifference: expect.any(Number), tolerance: selfTest.tolerance },
  });
  expect(result.selfTest?.maxDifference).toBeLessThan(selfTest.tolerance / 10);
});

test.each(['model.onnx', 'weights.bin'])('a damaged %s is found by its checksum and not run', async (file) => {
  const { classifierWeights } = await readManifest(damaged);
  await flipByte(file, file === 'weights.bin' ? classifierWeights.offset + 3 : 100);

  expect(await verifyPackage(damaged)).toEqual({
    package: damaged,
    ok: false,
    faults: [{ code: 'file-checksum', message: expect.stringContaining(file) }],
    selfTest: null,
  });
});

test('sound files with other results are a fault of the self-test', async () => {
  const { classifierWeights } = await readManifest(damaged);
  await flipByte('weights.bin', classifierWeights.offset + 3);
  const sha256 = await hashFile(join(damaged, 'weights.bin'));
  await changeManifest(({ files, ...manifest }) => ({
    ...manifest,
    files: { ...files, 'weights.bin': { ...files['weights.bin'], sha256 } },
  }));

  const result = await verifyPackage(damaged);

  expect(result.faults.map(({ code }) => code)).toEqual(['self-test-failed']);
  expect(result.selfTest?.maxDifference).toBeGreaterThan(result.selfTest?.tolerance ?? Number.NaN);
});

test.each(['model.onnx', 'weights.bin'])('%s cut short, or gone', async (file) => {
  await truncate(join(damaged, file), 1000);
  expect(await codesOf(damaged)).toEqual(['file-size']);

  await rm(join(damaged, file));
  expect(await verifyPackage(damaged)).toMatchObject({
    ok: false,
    faults: [{ code: 'no-file', message: expect.stringContaining(file) }],
    selfTest: null,
  });

  await mkdir(join(damaged, file));
  expect(await codesOf(damaged)).toEqual(['no-file']);
});

test('a hierarchy that is damaged, cut short or gone', async () => {
  await flipByte('hierarchy.json', 0);
  const faultsWith = (text: string) => ({
    faults: [{ code: 'file-checksum' }, { code: 'hierarchy', message: expect.stringContaining(text) }],
    selfTest: null,
  });
  expect(await verifyPackage(damaged)).toMatchObject(faultsWith('but the manifest and hierarchy.bin say'));

  await rm(join(damaged, 'hierarchy.bin'));
  expect(await verifyPackage(damaged)).toMatchObject(faultsWith('it is not valid JSON'));

  await truncate(join(damaged, 'hierarchy.json'), 100);
  expect(await codesOf(damaged)).toEqual(['file-size']);

  await rm(join(damaged, 'hierarchy.json'));
  expect(await codesOf(damaged)).toEqual(['no-file']);
});

test('a prepared hierarchy that says something else than the text', async () => {
  const { size } = await stat(join(damaged, 'hierarchy.bin'));
  await flipByte('hierarchy.bin', size - 4);
  expect(await verifyPackage(damaged)).toMatchObject({
    faults: [{ code: 'hierarchy', message: expect.stringContaining('hierarchy.bin says something else') }],
  });

  await flipByte('hierarchy.bin', 0);
  expect(await codesOf(damaged)).toEqual([]);
});

test('a recorded logit that differs from the result', async () => {
  await changeManifest((manifest) => {
    const [first = 0, ...rest] = manifest.selfTest.logits;
    return { ...manifest, selfTest: { ...manifest.selfTest, logits: [first + 0.5, ...rest] } };
  });

  const result = await verifyPackage(damaged);

  expect(result.faults.map(({ code }) => code)).toEqual(['self-test-failed']);
  expect(result.selfTest?.maxDifference).toBeCloseTo(0.5, 4);
});

test.each<[string, string, (manifest: Manifest) => object]>([
  ['an unknown field', 'manifest-field', (manifest) => ({ ...manifest, colour: 'red' })],
  ['a wrong type', 'manifest-field', (manifest) => ({ ...manifest, classes: 'five' })],
  ['a newer format', 'newer-format', (manifest) => ({ ...manifest, formatVersion: 3 })],
  [
    'classifier weights outside the file',
    'classifier-weights',
    (manifest) => ({ ...manifest, classifierWeights: { ...manifest.classifierWeights, offset: 2 ** 40 } }),
  ],
  [
    'classifier weights of other classes',
    'classifier-weights',
    (manifest) => ({ ...manifest, classifierWeights: { offset: 0, shape: [4, 32] } }),
  ],
])('a manifest with %s', async (_, code, change) => {
  await changeManifest(change);

  expect(await codesOf(damaged)).toEqual([code]);
});

test('a manifest of a graph with another number of classes', async () => {
  await changeManifest((manifest) => ({
    ...manifest,
    classes: 4,
    labels: manifest.labels.slice(1),
    selfTest: { ...manifest.selfTest, logits: manifest.selfTest.logits.slice(1) },
    classifierWeights: { ...manifest.classifierWeights, shape: [4, 32] },
  }));

  expect(await codesOf(damaged)).toEqual(['graph-interface']);
});

test('all faults are listed, not only the first', async () => {
  await truncate(join(damaged, 'weights.bin'), 64);
  await flipByte('model.onnx', 5);
  expect(await codesOf(damaged)).toEqual(['file-checksum', 'file-size']);

  await changeManifest((manifest) => ({ ...manifest, classes: 0, parameters: -1, extra: true }));
  expect((await codesOf(damaged)).length).toBeGreaterThanOrEqual(3);
});

test('a manifest that is not JSON', async () => {
  await writeFile(join(damaged, 'model.json'), '<html>');

  expect(await codesOf(damaged)).toEqual(['manifest-not-json']);
});

test('no manifest: the fault says whether the folder is missing, too', async () => {
  await rm(join(damaged, 'model.json'));
  const faultsOf = async (packageDir: string) => (await verifyPackage(packageDir)).faults;
  const code = 'no-manifest';

  expect(await faultsOf(damaged)).toEqual([{ code, message: 'it has no model.json that can be read' }]);
  expect(await faultsOf(join(folder, 'nothing'))).toEqual([{ code, message: 'there is no such folder' }]);
  expect(await faultsOf(join(folder, 'tiny.pth'))).toEqual([{ code, message: 'it is a file, not a folder' }]);
});

test('a package with the listed bytes whose graph is not a graph', async () => {
  const bytes = Buffer.from('no graph at all');
  await writeFile(join(damaged, 'model.onnx'), bytes);
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await changeManifest((manifest) => ({
    ...manifest,
    files: { ...manifest.files, 'model.onnx': { bytes: bytes.length, sha256 } },
  }));

  expect(await codesOf(damaged)).toEqual(['graph']);
  expect(await readFile(join(damaged, 'model.onnx'))).toEqual(bytes);
});

test('a package whose folder was renamed is told so, beside whatever else is wrong', async () => {
  const renamed = join(folder, 'damaged', 'mine');
  await cp(sound, renamed, { recursive: true });
  await truncate(join(renamed, 'weights.bin'), 1000);

  const { ok, faults } = await verifyPackage(renamed);

  expect(ok).toBe(false);
  expect(faults).toEqual([
    { code: 'renamed-folder', message: 'the folder is named mine, but it holds the package tiny' },
    { code: 'file-size', message: expect.stringContaining('weights.bin') },
  ]);
  await rm(renamed, { recursive: true });
});
