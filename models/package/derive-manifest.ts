import { GRAPH_FILE, type Manifest, type Precision, WEIGHTS_FILE } from '../../classifier/manifest.ts';
import type { FileFacts } from '../graph/weights-file.ts';

/** The manifest of a package that was not yet run, so without a self-test. */
export type Derived = Omit<Manifest, 'selfTest'>;

/** The longest name that a manifest may have. */
const MAX_NAME_LENGTH = 128;

/**
 * Derives the manifest of the same network in another precision: it keeps what is known about the
 * model, and its name ends in the precision.
 */
export function deriveManifest(
  manifest: Manifest,
  precision: Exclude<Precision, 'fp32'>,
  files: { graph: FileFacts; weights: FileFacts; classifierWeights: Manifest['classifierWeights'] },
): Derived {
  const { selfTest: _, ...rest } = manifest;
  const ending = `.${precision}`;
  return {
    ...rest,
    name: `${manifest.name.slice(0, MAX_NAME_LENGTH - ending.length)}${ending}`,
    precision,
    files: { [GRAPH_FILE]: files.graph, [WEIGHTS_FILE]: files.weights },
    classifierWeights: files.classifierWeights,
  };
}
