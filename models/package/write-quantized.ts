import type { Manifest } from '../../classifier/manifest.ts';
import { type Range, toQuantization } from '../graph/activations.ts';
import { encodeModel } from '../graph/onnx-file.ts';
import { buildQuantizedNetwork } from '../graph/quantize.ts';
import { CLASSIFIER_SCALES, writeQuantizedWeights } from '../graph/write-quantized-weights.ts';
import { CLASSIFIER_WEIGHTS } from '../graph/write-weights.ts';
import { type Derived, deriveManifest } from './derive-manifest.ts';
import type { FloatPackage } from './read-float-package.ts';
import { writeGraph } from './write-files.ts';

/**
 * Writes model.onnx and weights.bin of an int8 package into a folder.
 * @param ranges the range of each tensor in activationNames
 */
export async function writeQuantized(
  float: FloatPackage,
  folder: string,
  ranges: ReadonlyMap<string, Range>,
): Promise<Derived> {
  const { architecture, manifest } = float;
  const activations = new Map([...ranges].map(([name, range]) => [name, toQuantization(range)] as const));
  const { file, tensors } = await writeQuantizedWeights(folder, architecture, float.readFloats, activations);
  const graph = await writeGraph(folder, encodeModel(buildQuantizedNetwork(architecture, tensors, activations)));
  const classifierWeights: Manifest['classifierWeights'] = {
    offset: tensors.get(CLASSIFIER_WEIGHTS)?.offset ?? 0,
    shape: manifest.classifierWeights.shape,
    scalesOffset: tensors.get(CLASSIFIER_SCALES)?.offset ?? 0,
  };
  return deriveManifest(manifest, 'int8', { graph, weights: file, classifierWeights });
}
