import { InvalidWeightsError } from '../checkpoint/errors.ts';

export type Floats = Float32Array | Float64Array;

/** The four tensors of a batch norm, each with one value per channel. */
export interface BatchNorm {
  readonly weight: Floats;
  readonly bias: Floats;
  readonly mean: Floats;
  readonly variance: Floats;
}

/** A convolution with a bias into which its batch norm is folded. */
export interface FoldedConvolution {
  /** [out, in / groups, height, width] */
  readonly weight: Float32Array;
  /** [out] */
  readonly bias: Float32Array;
}

/**
 * The default of torch.nn.BatchNorm2d, which torchvision's ResNets use. A checkpoint does not store
 * it.
 */
export const BATCH_NORM_EPSILON = 1e-5;

/**
 * Folds a batch norm into the weights of the convolution before it, so that folded(x) is
 * norm(conv(x)). It computes in float64 and rounds once to float32.
 * @param weight row-major [out, in / groups, height, width]; a Float32Array is overwritten and
 *   returned, so that the largest tensor is in memory only once
 * @param inputScale a factor per input channel; it is multiplied into the weights, so the input
 *   need not be scaled
 */
export function foldBatchNorm(weight: Floats, norm: BatchNorm, inputScale?: readonly number[]): FoldedConvolution {
  const out = norm.weight.length;
  const perFilter = weight.length / out;
  const perChannel = perFilter / (inputScale?.length ?? 1);
  const folded = weight instanceof Float32Array ? weight : new Float32Array(weight.length);
  const bias = new Float32Array(out);
  for (let filter = 0; filter < out; filter += 1) {
    const scale = at(norm.weight, filter) / Math.sqrt(at(norm.variance, filter) + BATCH_NORM_EPSILON);
    bias[filter] = at(norm.bias, filter) - at(norm.mean, filter) * scale;
    for (let index = 0; index < perFilter; index += 1) {
      const place = filter * perFilter + index;
      folded[place] = at(weight, place) * scale * (inputScale?.[Math.floor(index / perChannel)] ?? 1);
    }
  }
  return { weight: folded, bias };
}

/**
 * Checks that all values are finite.
 * @param name what the values are, for the error
 * @throws {InvalidWeightsError} naming the first NaN or infinity
 */
export function requireFinite(name: string, values: Floats): void {
  // Zero times a value is zero unless it is NaN or an infinity. This costs one addition per
  // element; testing each element takes ten times as long.
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += at(values, index) * 0;
  if (sum === 0) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw new InvalidWeightsError(
    `${name}: element ${index} is ${values[index]}, expected a finite number within float32's range. Either the checkpoint is damaged or its training diverged.`,
  );
}

/**
 * Checks that all values are finite and not negative.
 * @throws {InvalidWeightsError} naming the tensor and the first bad value
 */
export function requireVariance(name: string, values: Floats): void {
  requireFinite(name, values);
  const index = values.findIndex((value) => value < 0);
  if (index >= 0) {
    throw new InvalidWeightsError(
      `${name}: element ${index} is ${values[index]}, but a variance is never negative. The checkpoint is damaged: download or save it again.`,
    );
  }
}

/** Returns a value by an index that the callers keep within the length. */
function at(values: Floats, index: number): number {
  return values[index] ?? Number.NaN;
}
