import type { Convolution } from './architecture.ts';

/**
 * Input channels of merged groups. bench/experiments/group-width.ts shows that wider groups gain
 * nothing more, and their zeros take memory.
 */
const MERGED_WIDTH = 16;

type Grouped = Pick<Convolution, 'shape' | 'groups'>;

/**
 * Merges neighbouring groups. ONNX Runtime multiplies one group after the other, and four narrow
 * groups take longer than one that is as wide as the four and mostly zeros.
 * @param mergedWidth most input channels of a merged group
 * @returns a convolution with fewer groups; with the weights of spreadWeights it computes the same
 *   integers
 */
export function mergeGroups<T extends Grouped>(convolution: T, mergedWidth: number = MERGED_WIDTH): T {
  const { shape, groups } = convolution;
  const [outputs, width, height, kernelWidth] = shape;
  let together = Math.max(1, Math.min(groups, Math.floor(mergedWidth / width)));
  while (groups % together !== 0) together -= 1;
  return { ...convolution, shape: [outputs, width * together, height, kernelWidth], groups: groups / together };
}

/**
 * Spreads the weights of a convolution over its merged groups.
 * @param weights [out, in / groups, height, width] of the convolution `from`
 * @param to what mergeGroups made of it
 * @returns [out, in / groups, height, width] of `to`: zero where a channel is not in the output's
 *   own group
 */
export function spreadWeights(weights: Int8Array, from: Grouped, to: Grouped): Int8Array {
  const together = from.groups / to.groups;
  if (together === 1) return weights;
  const [outputs] = from.shape;
  const perOutput = weights.length / outputs;
  const outputsPerGroup = outputs / from.groups;
  const spread = new Int8Array(weights.length * together);
  for (let output = 0; output < outputs; output += 1) {
    const place = Math.floor(output / outputsPerGroup) % together;
    const row = weights.subarray(output * perOutput, (output + 1) * perOutput);
    spread.set(row, (output * together + place) * perOutput);
  }
  return spread;
}
