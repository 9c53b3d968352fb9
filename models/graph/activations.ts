import type { Architecture } from './architecture.ts';
import { IMAGE_OFFSET } from './input.ts';

/** The smallest and the largest value of a tensor, measured or estimated. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How floats become uint8: `round(float / scale) + zeroPoint`, limited to 0 and 255. */
export interface Quantization {
  readonly scale: number;
  /** The byte that means exactly 0: 0 to 255. */
  readonly zeroPoint: number;
}

const MAX_UINT8 = 255;

/** Smallest range, for a tensor that is zero everywhere: the scale must not be zero. */
const LEAST_RANGE = 2 ** -60;

/** The blocks of the image, whose bytes are uint8 already. */
export const IMAGE = 'image.blocks';

/**
 * Quantization of the image. The padding around an image stands for the mean colour, so the zero
 * point is the mean of the three colours' means.
 */
export const IMAGE_QUANTIZATION: Quantization = {
  scale: 1,
  zeroPoint: Math.round(IMAGE_OFFSET.reduce((sum, offset) => sum + offset, 0) / IMAGE_OFFSET.length),
};

/** The means of the last convolution's channels, the input of the fully connected layer. */
export const POOLED = 'flatten';

/**
 * Returns the tensors that the quantized graph keeps as uint8, by their names in the float graph
 * and in the order of computation: the output of each ReLU, the inputs of each residual sum, and
 * the pooled features.
 */
export function activationNames({ stages }: Architecture): string[] {
  const names = ['relu'];
  const blocks = stages.flat();
  for (const [index, { name, convolutions, projection }] of blocks.entries()) {
    names.push(...convolutions.slice(0, -1).map((one) => `${one.name}.relu`));
    names.push(convolutions.at(-1)?.name ?? '', ...(projection ? [projection.name] : []));
    names.push(index === blocks.length - 1 ? 'features' : name);
  }
  return [...names, POOLED];
}

/**
 * Chooses scale and zero point for a range. Zero is always within the range, because padding and
 * ReLU need it exactly.
 */
export function toQuantization({ low, high }: Range): Quantization {
  const [least, most] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround(Math.max(most - least, LEAST_RANGE) / MAX_UINT8);
  return { scale, zeroPoint: Math.round(-least / scale) };
}
