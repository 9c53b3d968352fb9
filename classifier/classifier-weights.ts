import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, InvalidPackageError } from './errors.ts';
import { type Manifest, WEIGHTS_FILE } from './manifest.ts';

const FLOAT32_BYTES = 4;

/**
 * Reads the weights of one class from the fully connected layer, float32 [features]: one weight for
 * each channel of the last convolution.
 * @param classIndex 0 to classes - 1
 * @throws {InvalidArgumentError} when there is no such class
 * @throws {InvalidPackageError} when weights.bin cannot be read or ends early
 */
export async function readClassifierRow(
  packageDir: string,
  { classifierWeights }: Manifest,
  classIndex: number,
): Promise<Float32Array> {
  const {
    offset,
    shape: [classes, features],
    scalesOffset,
  } = classifierWeights;
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= classes) {
    throw new InvalidArgumentError(
      `expected a whole number from 0 to ${classes - 1} for classIndex, received ${classIndex}`,
    );
  }
  const file = await openWeights(packageDir);
  try {
    if (scalesOffset === undefined) {
      const bytes = await readBytes(
        file,
        packageDir,
        offset + classIndex * features * FLOAT32_BYTES,
        features * FLOAT32_BYTES,
      );
      return toFloats(bytes);
    }
    const bytes = await readBytes(file, packageDir, offset + classIndex * features, features);
    const [scale = Number.NaN] = toFloats(
      await readBytes(file, packageDir, scalesOffset + classIndex * FLOAT32_BYTES, FLOAT32_BYTES),
    );
    return Float32Array.from(new Int8Array(bytes.buffer), (weight) => weight * scale);
  } finally {
    await file.close();
  }
}

async function openWeights(packageDir: string): Promise<FileHandle> {
  try {
    return await open(join(packageDir, WEIGHTS_FILE), 'r');
  } catch (cause) {
    throw new InvalidPackageError(
      packageDir,
      [{ code: 'no-file', message: `${WEIGHTS_FILE} is missing or cannot be read` }],
      cause,
    );
  }
}

async function readBytes(file: FileHandle, packageDir: string, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead === length) return bytes;
  const message = `${WEIGHTS_FILE} ends at byte ${position + bytesRead}, but classifierWeights in model.json goes up to byte ${position + length}`;
  throw new InvalidPackageError(packageDir, [{ code: 'classifier-weights', message }]);
}

/** Reads little-endian floats: every platform that ONNX Runtime supports is little-endian. */
function toFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / FLOAT32_BYTES);
}
