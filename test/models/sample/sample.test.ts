import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, readManifest } from '../../../classifier/manifest.ts';
import { convertCheckpoint } from '../../../models/convert.ts';
import { PackageExistsError } from '../../../models/package/errors.ts';
import { DRAWABLE } from '../../../models/sample/drawing/draw.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { verifyPackage } from '../../../models/verify.ts';
import { writeLegacyCheckpoint } from '../checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BASIC } from '../graph/random-network.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('the sample is a quarter-width ResNet-18 with ImageNet labels and passes verification', async () => {
  const packageDir = await ensureSamplePackage(join(folder, 'not/yet/there'));

  expect(packageDir).toBe(join(folder, 'not/yet/there/sample'));
  expect(await readManifest(packageDir)).toMatchObject({
    name: 'sample',
    architecture: 'resnet',
    parameters: 831_096,
    classes: 1000,
    license: 'Apache-2.0',
    knows: { pictures: 'drawings', things: DRAWABLE.length },
  });
  expect(await verifyPackage(packageDir)).toMatchObject({ ok: true, faults: [] });
});

test('an existing sample package is not changed', async () => {
  const before = await stat(join(await ensureSamplePackage(folder), 'model.json'));

  const after = await stat(join(await ensureSamplePackage(folder), 'model.json'));

  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test.each([
  [
    'without concepts',
    ({ files: { 'hierarchy.json': _, ...files }, ...rest }: Manifest) => ({ ...rest, formatVersion: 1, files }),
  ],
  ['that does not say what it knows', ({ knows: _, ...rest }: Manifest) => rest],
])('a package of an earlier version, %s, is made again', async (_what, toEarlier) => {
  const packageDir = await ensureSamplePackage(folder);
  const manifest = await readManifest(packageDir);
  await writeFile(join(packageDir, 'model.json'), JSON.stringify(toEarlier(manifest)));

  await ensureSamplePackage(folder);

  await expect(readManifest(packageDir)).resolves.toEqual(manifest);
});

test('a damaged package, or one of another checkpoint, is made again', async () => {
  const packageDir = await ensureSamplePackage(folder);
  await truncate(join(packageDir, 'weights.bin'), 10);
  await ensureSamplePackage(folder);
  expect(await verifyPackage(packageDir)).toMatchObject({ ok: true });

  await writeLegacyCheckpoint(join(folder, 'tiny.pth'), randomNetwork(TINY_BASIC));
  await convertCheckpoint({ checkpoint: join(folder, 'tiny.pth'), out: packageDir, force: true });
  await ensureSamplePackage(folder);
  expect((await readManifest(packageDir)).parameters).toBe(831_096);
});

test('with four simultaneous calls it is made once and complete', async () => {
  const asked = await Promise.all([1, 2, 3, 4].map(() => ensureSamplePackage(folder)));

  expect(new Set(asked)).toEqual(new Set([join(folder, 'sample')]));
  expect(await readdir(folder)).toEqual(['sample']);
  expect(await verifyPackage(join(folder, 'sample'))).toMatchObject({ ok: true });
});

test('anything else with its name is not touched', async () => {
  await writeFile(join(folder, 'sample'), 'a file of mine');

  await expect(ensureSamplePackage(folder)).rejects.toThrow(PackageExistsError);
});
