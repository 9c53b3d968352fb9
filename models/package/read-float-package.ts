import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidPackageError } from '../../classifier/errors.ts';
import { GRAPH_FILE, type Manifest, readManifest, WEIGHTS_FILE } from '../../classifier/manifest.ts';
import { messageOf } from '../../classifier/message-of.ts';
import { decodeFloatModel, type FloatModel } from '../graph/float-model.ts';
import type { StoredTensor } from '../graph/weights-file.ts';
import { checkFiles } from './check-files.ts';
import { NotAFloatPackageError } from './errors.ts';

/**
 * The biases and weights of all batch norms, channel after channel, in the order of
 * allConvolutions.
 */
export interface BatchNormParameters {
  readonly biases: Float32Array;
  readonly weights: Float32Array;
}

/** An open fp32 package from which a package of another precision is made. Close it after use. */
export interface FloatPackage extends FloatModel {
  /** The package folder. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Reads a tensor of the graph by its name. */
  readFloats(name: string): Promise<Float32Array>;
  readBatchNorms(): Promise<BatchNormParameters>;
  close(): Promise<void>;
}

/**
 * Opens an fp32 package and checks all of it: sizes, checksums, and that its graph matches its
 * weights.
 * @throws {InvalidPackageError} listing every fault of the package
 * @throws {NotAFloatPackageError} when it has another precision, or this version did not write its
 *   graph
 */
export async function openFloatPackage(path: string): Promise<FloatPackage> {
  const manifest = await readManifest(path);
  if (manifest.precision !== 'fp32') {
    throw new NotAFloatPackageError(
      `model package ${path} is already ${manifest.precision}; int8 and fp16 packages can only be made from an fp32 package. Give the fp32 package that it was made from, or fetch that one.`,
    );
  }
  const faults = await checkFiles(path, manifest);
  if (faults.length > 0) throw new InvalidPackageError(path, faults);
  const model = await readModel(path);
  const file = await open(join(path, WEIGHTS_FILE), 'r');
  return {
    ...model,
    path,
    manifest,
    async readFloats(name) {
      const tensor = model.tensors.get(name);
      if (tensor === undefined) throw new RangeError(`the graph of model package ${path} has no tensor ${name}`);
      return readTensor(file, tensor);
    },
    readBatchNorms: async () => ({
      biases: await readTensor(file, model.batchNorms.biases),
      weights: await readTensor(file, model.batchNorms.weights),
    }),
    close: () => file.close(),
  };
}

async function readModel(path: string): Promise<FloatModel> {
  const bytes = await readFile(join(path, GRAPH_FILE));
  try {
    return decodeFloatModel(bytes);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new NotAFloatPackageError(
      `model package ${path} has a graph that this version of autoswiftnet did not write (${reason}). Fetch or convert it again.`,
      cause,
    );
  }
}

async function readTensor(file: FileHandle, tensor: StoredTensor): Promise<Float32Array> {
  const bytes = new Uint8Array(tensor.bytes);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, tensor.offset + done);
    if (bytesRead === 0) throw new RangeError(`${tensor.name} reaches beyond the end of ${WEIGHTS_FILE}`);
    done += bytesRead;
  }
  return new Float32Array(bytes.buffer);
}
