import { buildHalfNetwork } from '../graph/half-network.ts';
import { encodeModel } from '../graph/onnx-file.ts';
import { writeHalfWeights } from '../graph/write-half-weights.ts';
import { CLASSIFIER_WEIGHTS } from '../graph/write-weights.ts';
import { type Derived, deriveManifest } from './derive-manifest.ts';
import type { FloatPackage } from './read-float-package.ts';
import { writeGraph } from './write-files.ts';

/** Writes model.onnx and weights.bin of an fp16 package into a folder. */
export async function writeHalf(
  { architecture, manifest, readFloats }: FloatPackage,
  folder: string,
): Promise<Derived> {
  const { file, tensors } = await writeHalfWeights(folder, architecture, readFloats);
  const graph = await writeGraph(folder, encodeModel(buildHalfNetwork(architecture, tensors)));
  const { shape } = manifest.classifierWeights;
  const classifierWeights = { offset: tensors.get(CLASSIFIER_WEIGHTS)?.offset ?? 0, shape };
  return deriveManifest(manifest, 'fp16', { graph, weights: file, classifierWeights });
}
