import { type Architecture, allConvolutions } from './architecture.ts';
import { INPUT_SCALE } from './half-network.ts';
import { IMAGE_SCALE, INPUT_OFFSET } from './input.ts';
import { requireHalf } from './require-half.ts';
import type { StoredTensor, WeightsFile } from './weights-file.ts';
import type { ReadFloats } from './write-quantized-weights.ts';
import { CLASSIFIER_WEIGHTS } from './write-weights.ts';

/**
 * Writes the weights of the half-precision graph: convolutions in half precision, the fully
 * connected layer unchanged.
 * @param weights has nothing in it yet
 * @param read reads a tensor of the float graph
 * @returns the graph's initializers, by name
 * @throws {InvalidWeightsError} when a weight is larger than half precision can hold
 */
export async function writeHalfWeights(
  weights: WeightsFile,
  architecture: Architecture,
  read: ReadFloats,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const { stem, classes, features } = architecture;
  await weights.append(INPUT_OFFSET, [1, 3, 1, 1], await read(INPUT_OFFSET));
  await weights.append(INPUT_SCALE, [1, 3, 1, 1], Float32Array.from(IMAGE_SCALE));
  for (const convolution of allConvolutions(architecture)) {
    const { name, shape } = convolution;
    const values = await read(`${name}.weight`);
    if (convolution === stem) unfoldScale(values, shape[0]);
    await weights.append(`${name}.weight`, shape, requireHalf(`${name}.weight`, values));
    await weights.append(`${name}.bias`, [shape[0]], requireHalf(`${name}.bias`, await read(`${name}.bias`)));
  }
  await weights.append(CLASSIFIER_WEIGHTS, [classes, features], await read(CLASSIFIER_WEIGHTS));
  await weights.append('fc.bias', [classes], await read('fc.bias'));
  return new Map(weights.tensors.map((tensor) => [tensor.name, tensor]));
}

/**
 * Removes the division by the standard deviation from the stem's weights, float32 [outputs, 3,
 * height, width]: in this graph a node of its own does it.
 */
function unfoldScale(values: Float32Array, outputs: number): void {
  const perColour = values.length / (outputs * IMAGE_SCALE.length);
  for (let index = 0; index < values.length; index += 1) {
    const colour = Math.floor(index / perColour) % IMAGE_SCALE.length;
    values[index] = (values[index] ?? 0) / (IMAGE_SCALE[colour] ?? 1);
  }
}
