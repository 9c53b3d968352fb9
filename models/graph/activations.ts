import type { Architecture } from './architecture.ts';
import { IMAGE_OFFSET } from './input.ts';

/** What the elements of a tensor reach, seen or expected. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How floats become uint8: `round(float / scale) + zeroPoint`, clipped to 0 and 255. */
export interface Quantization {
  readonly scale: number;
  /** What stands for the float 0, exactly: 0 to 255. */
  readonly zeroPoint: number;
}

const MAX_UINT8 = 255;

/** Of a tensor that is zero everywhere, which any scale describes but zero. */
const LEAST_RANGE = 2 ** -60;

/** The picture's planes: its bytes are uint8 already. */
export const IMAGE = 'image.planes';

/** About the mean of an average pixel, which is what the zeros around a picture mean. */
export const IMAGE_QUANTIZATION: Quantization = {
  scale: 1,
  zeroPoint: Math.round(IMAGE_OFFSET.reduce((sum, offset) => sum + offset, 0) / IMAGE_OFFSET.length),
};

/** The mean of the last convolution's channels, which the fully connected layer takes. */
export const POOLED = 'flatten';

/**
 * The tensors of the float graph that the quantized one keeps as uint8, by their names there, in
 * the order of computation: what comes out of each ReLU, what goes into each residual sum, and the
 * pooled features.
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

/** Zero is always within the range: padding and ReLU mean it exactly. */
export function toQuantization({ low, high }: Range): Quantization {
  const [least, most] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround(Math.max(most - least, LEAST_RANGE) / MAX_UINT8);
  return { scale, zeroPoint: Math.round(-least / scale) };
}
