import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { InvalidPackageError } from '../../classifier/errors.ts';
import { parseManifest, readManifest, readManifestFile } from '../../classifier/manifest.ts';
import { PREPROCESSING } from './preprocessing.ts';
import { validManifest } from './valid-manifest.ts';

function faultsOf(text: string): readonly string[] {
  try {
    parseManifest(text, 'package');
  } catch (error) {
    if (error instanceof InvalidPackageError) return error.faults.map(({ message }) => message);
    throw error;
  }
  return [];
}

/** Makes a folder of that name. Its manifest is valid and names the package `tiny`. */
async function withPackage(name: string, act: (packageDir: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  const packageDir = join(folder, name);
  await mkdir(packageDir);
  await writeFile(join(packageDir, 'model.json'), JSON.stringify(validManifest()));
  await act(packageDir).finally(() => rm(folder, { recursive: true }));
}

test('a valid manifest is read as it was written', () =>
  withPackage('tiny', async (packageDir) => {
    await expect(readManifest(packageDir)).resolves.toEqual(validManifest());
    await expect(readManifest(`${packageDir}/../tiny/`)).resolves.toEqual(validManifest());
  }));

test('a package in a folder of another name says what to do, and can still be looked at', () =>
  withPackage('mine', async (packageDir) => {
    await expect(readManifest(packageDir)).rejects.toMatchObject({
      code: 'invalid-package',
      faults: [{ code: 'renamed-folder' }],
      message: `model package ${packageDir} cannot be used: the folder is named mine, but it holds the package tiny. Rename the folder back, or make the package again in a folder of the wanted name.`,
    });
    await expect(readManifestFile(packageDir)).resolves.toEqual(validManifest());
  }));

test('the error names a folder without a manifest', async () => {
  await expect(readManifest('/nowhere/at/all')).rejects.toThrow('/nowhere/at/all');
});

test('the error for a newer format says to upgrade, whatever its fields are', () => {
  const text = JSON.stringify({ formatVersion: 3, anything: true });

  expect(() => parseManifest(text, 'p')).toThrow(/has formatVersion 3, .* reads only up to 2\. Upgrade autoswiftnet/);
});

test.each(['hierarchy.json', 'model.cuda.onnx'])('version 2 may list %s, version 1 may not', (name) => {
  const { files, ...rest } = validManifest();
  const listing = { ...rest, files: { ...files, [name]: files['model.onnx'] } };

  expect(faultsOf(JSON.stringify({ ...listing, formatVersion: 2 }))).toEqual([]);
  expect(faultsOf(JSON.stringify({ ...rest, files, formatVersion: 2 }))).toEqual([]);
  expect(faultsOf(JSON.stringify({ ...listing, formatVersion: 1 }))).toEqual([
    `model.json, field files.${name}: formatVersion 1 has no ${name}, expected formatVersion 2`,
  ]);
});

test('one error lists all faults: missing, unknown and wrong fields', () => {
  const { name: _, ...nameless } = validManifest();

  const faults = faultsOf(JSON.stringify({ ...nameless, classes: '2', surprise: 1 }));

  expect(faults).toEqual(
    expect.arrayContaining([
      expect.stringContaining('name:'),
      expect.stringContaining('classes:'),
      expect.stringContaining('surprise'),
    ]),
  );
});

test.each([
  ['labels', { labels: [{ label: 'one', wnid: null }] }],
  ['labels', { labels: 'one, two' }],
  ['labels.1', { labels: [{ label: 'one', wnid: null }, null] }],
  ['labels.1', { labels: [{ label: 'one', wnid: null }, ['two', null]] }],
  [
    'labels.0',
    {
      labels: [
        { label: '', wnid: null },
        { label: 'two', wnid: null },
      ],
    },
  ],
  [
    'labels.0',
    {
      labels: [
        { label: 'one', wnid: 'n123' },
        { label: 'two', wnid: null },
      ],
    },
  ],
  ['labels.0', { labels: [{ label: 'one' }, { label: 'two', wnid: null }] }],
  [
    'labels.0',
    {
      labels: [
        { label: 'one', wnid: null, index: 0 },
        { label: 'two', wnid: null },
      ],
    },
  ],
  ['selfTest.logits', { selfTest: { seed: 1, logits: [1, 2, 3], tolerance: 0.1 } }],
  ['selfTest.logits', { selfTest: { seed: 1, logits: '1, 2', tolerance: 0.1 } }],
  ['selfTest.logits.1', { selfTest: { seed: 1, logits: [1, null], tolerance: 0.1 } }],
  ['name', { name: '../../etc' }],
  ['files.weights.bin.sha256', { files: { ...validManifest().files, 'weights.bin': { bytes: 1, sha256: 'XYZ' } } }],
  ['precision', { precision: 'fp64' }],
  ['preprocessing.crop', { preprocessing: { ...PREPROCESSING, crop: 256 } }],
  ['preprocessing.resize', { preprocessing: { ...PREPROCESSING, resize: 1_000_000 } }],
  ['preprocessing.resize', { preprocessing: { ...PREPROCESSING, resize: 223 } }],
  ['selfTest.tolerance', { selfTest: { seed: 1, logits: [1, 2], tolerance: 0 } }],
])('%s is checked', (path, change) => {
  expect(faultsOf(JSON.stringify({ ...validManifest(), ...change }))).toEqual([expect.stringContaining(`${path}:`)]);
});

test.each(['', 'null', '[]', '{', '"text"', '<html>'])('%j is no manifest', (text) => {
  expect(faultsOf(text).length).toBeGreaterThan(0);
});

test('any text and any JSON give a manifest or an InvalidPackageError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => faultsOf(text).length > 0),
    { seed: 5, numRuns: 500 },
  );
});

test('a manifest with one field replaced by any JSON value gives a manifest or an InvalidPackageError', () => {
  const fields = fc.constantFrom(...Object.keys(validManifest()));
  fc.assert(
    fc.property(fields, fc.jsonValue(), (field, value) => {
      expect(() => faultsOf(JSON.stringify({ ...validManifest(), [field]: value }))).not.toThrow();
    }),
    { seed: 6, numRuns: 500 },
  );
});
