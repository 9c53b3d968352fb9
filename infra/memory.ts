import type { Manifest } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';

/** Node, the bundle, onnxruntime-node, sharp and an image's decoding, in MB. */
const BASE_MB = 200;

/** The weights are mapped from disk, and ONNX Runtime keeps a second copy in the processor's own layout. */
const COPIES_OF_WEIGHTS = 2;

/**
 * Memory that a Lambda function with this model needs, in MB.
 * @example requiredMemoryMb(resnet50) // 405, for 102 MB of weights
 */
export function requiredMemoryMb({ files }: Pick<Manifest, 'files'>): number {
  return Math.ceil(BASE_MB + (COPIES_OF_WEIGHTS * files['weights.bin'].bytes) / 1e6);
}

/** @throws {ConfigurationError} one sentence, with the least that will do */
export function requireMemory(manifest: Manifest, memoryMb: number): void {
  const needed = requiredMemoryMb(manifest);
  if (memoryMb < needed) {
    throw new ConfigurationError(
      `memoryMb is ${memoryMb}, but ${manifest.name} needs at least ${needed} MB. Pass -c memoryMb=${needed} or more (1769 MB is one full vCPU).`,
    );
  }
}
