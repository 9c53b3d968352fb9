import {
  CUDA_GRAPH_FILE,
  FORMAT_VERSION,
  GRAPH_FILE,
  type Manifest,
  type Precision,
  WEIGHTS_FILE,
} from '../../classifier/manifest.ts';
import type { FileFacts } from '../graph/weights-file.ts';

/** The manifest of a package that was not yet run and has no name of its own: no self-test. */
export type Derived = Omit<Manifest, 'selfTest'>;

/**
 * Derives the manifest of the same network in another precision: it keeps what is known about the
 * model.
 */
export function deriveManifest(
  manifest: Manifest,
  precision: Exclude<Precision, 'fp32'>,
  files: {
    graph: FileFacts;
    weights: FileFacts;
    classifierWeights: Manifest['classifierWeights'];
    cudaGraph?: FileFacts;
  },
): Derived {
  const { selfTest: _, ...rest } = manifest;
  return {
    ...rest,
    formatVersion: FORMAT_VERSION,
    precision,
    files: {
      ...manifest.files,
      [GRAPH_FILE]: files.graph,
      [WEIGHTS_FILE]: files.weights,
      ...(files.cudaGraph && { [CUDA_GRAPH_FILE]: files.cudaGraph }),
    },
    classifierWeights: files.classifierWeights,
  };
}
