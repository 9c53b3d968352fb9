import { CUDA_GRAPH_FILE } from '../../classifier/manifest.ts';
import { writeCudaNetwork } from '../graph/cuda-network.ts';
import { buildHalfNetwork } from '../graph/half-network.ts';
import { encodeModel } from '../graph/onnx-file.ts';
import { WeightsFile } from '../graph/weights-file.ts';
import { writeHalfWeights } from '../graph/write-half-weights.ts';
import { CLASSIFIER_WEIGHTS } from '../graph/write-weights.ts';
import { type Derived, deriveManifest } from './derive-manifest.ts';
import type { FloatPackage } from './read-float-package.ts';
import { writeGraph } from './write-files.ts';

/**
 * Writes the graphs and weights.bin of an fp16 package into a folder: model.onnx for any provider,
 * and model.cuda.onnx over the same weights, unless the network has basic blocks.
 * @throws {InvalidWeightsError} when a weight is larger than half precision can hold
 */
export async function writeHalf(
  { architecture, manifest, readFloats }: FloatPackage,
  folder: string,
): Promise<Derived> {
  const file = await WeightsFile.create(folder);
  try {
    const tensors = await writeHalfWeights(file, architecture, readFloats);
    const cuda = await writeCudaNetwork(file, architecture, tensors, readFloats);
    const weights = await file.finish();
    const graph = await writeGraph(folder, encodeModel(buildHalfNetwork(architecture, tensors)));
    const cudaGraph = cuda && (await writeGraph(folder, encodeModel(cuda), CUDA_GRAPH_FILE));
    const { shape } = manifest.classifierWeights;
    const classifierWeights = { offset: tensors.get(CLASSIFIER_WEIGHTS)?.offset ?? 0, shape };
    return deriveManifest(manifest, 'fp16', { graph, weights, classifierWeights, ...(cudaGraph ? { cudaGraph } : {}) });
  } finally {
    await file.close();
  }
}
