import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { InvalidArgumentError, InvalidPackageError } from '../../classifier/errors.ts';
import { validManifest } from './valid-manifest.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classifier-weights-'));
});

afterEach(() => rm(folder, { recursive: true }));

const manifestWith = (classifierWeights: ReturnType<typeof validManifest>['classifierWeights']) => ({
  ...validManifest(),
  classifierWeights,
});
const write = (...parts: readonly ArrayBufferView[]) =>
  writeFile(
    join(folder, 'weights.bin'),
    Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))),
  );

test('rows of float32 are read as they are', async () => {
  await write(new Uint8Array(64), Float32Array.of(1, 2, 3, 4), Float32Array.of(-5, 6.5, 7, 8));

  expect(await readClassifierRow(folder, manifestWith({ offset: 64, shape: [2, 4] }), 1)).toEqual(
    Float32Array.of(-5, 6.5, 7, 8),
  );
});

test('rows of int8 are multiplied by the scale of their row', async () => {
  await write(Int8Array.of(1, 2, -3, 4), Int8Array.of(-64, 64, 0, 1), Float32Array.of(9, 0.5));

  expect(await readClassifierRow(folder, manifestWith({ offset: 0, shape: [2, 4], scalesOffset: 8 }), 1)).toEqual(
    Float32Array.of(-32, 32, 0, 0.5),
  );
});

test.each([-1, 2, 0.5, Number.NaN])('there is no class %d of two', async (index) => {
  await expect(readClassifierRow(folder, manifestWith({ offset: 0, shape: [2, 4] }), index)).rejects.toThrow(
    InvalidArgumentError,
  );
});

test('a file that ends early or is missing is an invalid package', async () => {
  const manifest = manifestWith({ offset: 0, shape: [2, 4] });
  await expect(readClassifierRow(folder, manifest, 0)).rejects.toThrow(InvalidPackageError);
  await write(Float32Array.of(1, 2, 3));

  await expect(readClassifierRow(folder, manifest, 0)).rejects.toThrow('ends at byte 12');
});
