import type { Manifest } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';

/** Memory in MB for Node, the bundle, onnxruntime-node, sharp, and the decoding of an image. */
const BASE_MB = 200;

/**
 * The weights are mapped from disk, and ONNX Runtime keeps a second copy in a layout for the
 * processor.
 */
const COPIES_OF_WEIGHTS = 2;

/**
 * Computes the memory in MB that a Lambda function with this model needs.
 * @example requiredMemoryMb(resnet50) // 405, for 102 MB of weights
 */
export function requiredMemoryMb({ files }: Pick<Manifest, 'files'>): number {
  return Math.ceil(BASE_MB + (COPIES_OF_WEIGHTS * files['weights.bin'].bytes) / 1e6);
}

/**
 * Refuses too little memory.
 * @throws {ConfigurationError} in one line, with the smallest value that is enough
 */
export function requireMemory(manifest: Manifest, memoryMb: number): void {
  const needed = requiredMemoryMb(manifest);
  if (memoryMb < needed) {
    throw new ConfigurationError(
      `memoryMb is ${memoryMb}, but ${manifest.name} needs at least ${needed} MB. Pass -c memoryMb=${needed} or more (1769 MB is one full vCPU).`,
    );
  }
}
