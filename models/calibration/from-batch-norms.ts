import { POOLED, type Range } from '../graph/activations.ts';
import { type Architecture, allConvolutions, type Block, type Convolution } from '../graph/architecture.ts';
import type { BatchNormParameters } from '../package/read-float-package.ts';

/** Mean and standard deviation of each channel of a tensor, over images and pixels. */
interface Moments {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/**
 * How many standard deviations the values of a channel are expected to lie from their mean.
 * Measured; see docs/decisions/models.md.
 */
const DEVIATIONS = 8;

/**
 * Estimates the ranges of the activations without images (Nagel et al. 2019, arXiv 1906.04721). It
 * assumes that the output of a batch norm is normally distributed, with its bias as mean and its
 * weight as deviation, and that the two inputs of a sum are independent.
 * @returns the range of each tensor in activationNames
 */
export function rangesFromBatchNorms(
  architecture: Architecture,
  parameters: BatchNormParameters,
  deviations: number = DEVIATIONS,
): Map<string, Range> {
  const normal = normalOf(architecture, parameters);
  const ranges = new Map<string, Range>();
  const { stem, stages } = architecture;
  const stemMoments = normal(stem);
  ranges.set('relu', { low: 0, high: highest(stemMoments, deviations) });
  let input = maxPool(relu(stemMoments));
  const blocks = stages.flat();
  for (const [index, block] of blocks.entries()) {
    const sum = addBlock(block, input, normal, deviations, ranges);
    ranges.set(index === blocks.length - 1 ? 'features' : block.name, { low: 0, high: highest(sum, deviations) });
    input = relu(sum);
  }
  ranges.set(POOLED, { low: 0, high: highest(input, deviations) });
  return ranges;
}

/**
 * Sets the ranges of the tensors within a block.
 * @returns mean and deviation of the block's sum, before the ReLU
 */
function addBlock(
  { convolutions, projection }: Block,
  input: Moments,
  normal: (convolution: Convolution) => Moments,
  deviations: number,
  ranges: Map<string, Range>,
): Moments {
  let main = input;
  for (const [index, convolution] of convolutions.entries()) {
    main = normal(convolution);
    const isLast = index === convolutions.length - 1;
    const high = highest(main, deviations);
    if (isLast) ranges.set(convolution.name, { low: lowest(main, deviations), high });
    else ranges.set(`${convolution.name}.relu`, { low: 0, high });
  }
  if (projection === null) return add(main, input);
  const shortcut = normal(projection);
  ranges.set(projection.name, { low: lowest(shortcut, deviations), high: highest(shortcut, deviations) });
  return add(main, shortcut);
}

function normalOf(architecture: Architecture, { biases, weights }: BatchNormParameters) {
  const starts = new Map<Convolution, number>();
  let channels = 0;
  for (const convolution of allConvolutions(architecture)) {
    starts.set(convolution, channels);
    channels += convolution.shape[0];
  }
  return (convolution: Convolution): Moments => {
    const start = starts.get(convolution) ?? 0;
    const end = start + convolution.shape[0];
    return {
      means: Float64Array.from(biases.subarray(start, end)),
      deviations: Float64Array.from(weights.subarray(start, end), Math.abs),
    };
  };
}

function highest({ means, deviations }: Moments, count: number): number {
  return means.reduce((most, mean, channel) => Math.max(most, mean + count * (deviations[channel] ?? 0)), 0);
}

function lowest({ means, deviations }: Moments, count: number): number {
  return means.reduce((least, mean, channel) => Math.min(least, mean - count * (deviations[channel] ?? 0)), 0);
}

function add(a: Moments, b: Moments): Moments {
  return {
    means: a.means.map((mean, channel) => mean + (b.means[channel] ?? 0)),
    deviations: a.deviations.map((deviation, channel) => Math.hypot(deviation, b.deviations[channel] ?? 0)),
  };
}

/** Computes mean and deviation of max(0, x) for a normally distributed x. */
function relu({ means, deviations }: Moments): Moments {
  const after = { means: new Float64Array(means.length), deviations: new Float64Array(means.length) };
  for (const [channel, mean] of means.entries()) {
    const deviation = deviations[channel] ?? 0;
    const ratio = deviation > 0 ? mean / deviation : Math.sign(mean) * Number.POSITIVE_INFINITY;
    const above = cumulative(ratio);
    const density = deviation > 0 ? Math.exp(-(ratio ** 2) / 2) / Math.sqrt(2 * Math.PI) : 0;
    const rectified = mean * above + deviation * density;
    const square = (mean ** 2 + deviation ** 2) * above + mean * deviation * density;
    after.means[channel] = rectified;
    after.deviations[channel] = Math.sqrt(Math.max(0, square - rectified ** 2));
  }
  return after;
}

/**
 * Estimates the maximum of nine neighbours: they are very similar, so it is about one deviation
 * above the mean.
 */
function maxPool({ means, deviations }: Moments): Moments {
  return { means: means.map((mean, channel) => mean + (deviations[channel] ?? 0)), deviations };
}

/**
 * The cumulative distribution of the standard normal distribution, by Zelen and Severo's polynomial
 * (Abramowitz and Stegun 26.2.17), with an error of at most 7.5e-8.
 */
function cumulative(x: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(x));
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = (Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x > 0 ? 1 - tail : tail;
}
