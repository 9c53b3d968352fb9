import { SelfTestError } from './errors.ts';
import { INPUT_SIDE, type Manifest } from './manifest.ts';
import { mulberry32 } from './mulberry32.ts';

/** Number of elements of one image, [224, 224, 3]. */
export const INPUT_ELEMENTS = INPUT_SIDE * INPUT_SIDE * 3;

/**
 * Sizes of the cells in pixels, for the coarse and the fine pattern. The coarse pattern tests the
 * deep layers, and the fine pattern tests the first convolution.
 */
const COARSE_CELL = 28;
const FINE_CELL = 4;

/**
 * Generates the image of a self-test: uint8 [224, 224, 3] (height, width, RGB). It uses integers
 * only, so a seed gives the same image on every machine. The image is the sum of two random
 * patterns: a coarse one whose colours change smoothly, and a fine one of squares with hard edges.
 * @param seed a whole number from 0 to 2^32 - 1
 */
export function selfTestImage(seed: number): Uint8Array {
  const random = mulberry32(seed);
  const corners = randomBytes(random, (INPUT_SIDE / COARSE_CELL + 1) ** 2 * 3);
  const fine = randomBytes(random, (INPUT_SIDE / FINE_CELL) ** 2 * 3);
  const pixels = new Uint8Array(INPUT_ELEMENTS);
  let index = 0;
  for (let y = 0; y < INPUT_SIDE; y += 1) {
    for (let x = 0; x < INPUT_SIDE; x += 1) {
      const cell = ((y / FINE_CELL) | 0) * (INPUT_SIDE / FINE_CELL) + ((x / FINE_CELL) | 0);
      for (let channel = 0; channel < 3; channel += 1) {
        const detail = fine[cell * 3 + channel] ?? 0;
        pixels[index] = (3 * slope(corners, x, y, channel) + detail) >> 2;
        index += 1;
      }
    }
  }
  return pixels;
}

/** Returns the largest difference between a logit and the one that the converter recorded. */
export function maxLogitDifference(logits: Float32Array, { logits: expected }: Manifest['selfTest']): number {
  return expected.reduce((most, value, index) => {
    const difference = Math.abs((logits[index] ?? Number.NaN) - value);
    return Number.isNaN(difference) || difference > most ? difference : most;
  }, 0);
}

/**
 * Compares the logits of `selfTestImage(selfTest.seed)`, float32 [classes], with those that the
 * converter recorded: the best class must be the same, and no logit may differ by more than the
 * tolerance.
 * @throws {SelfTestError} saying how much they differ
 */
export function checkSelfTest(logits: Float32Array, selfTest: Manifest['selfTest'], packageDir: string): void {
  const difference = maxLogitDifference(logits, selfTest);
  const [best, expected] = [indexOfMax(logits), indexOfMax(selfTest.logits)];
  if (difference <= selfTest.tolerance && best === expected) return;
  throw new SelfTestError(
    `model package ${packageDir} failed its self-test: this machine computes other results than the converter recorded. ` +
      `Best class ${best} (recorded: ${expected}), largest logit difference ${difference} (allowed: ${selfTest.tolerance}). ` +
      'Either its weights are damaged or this CPU computes the model wrongly. Run autoswiftnet models verify, then fetch or convert the package again.',
  );
}

/** Interpolates the corners' values linearly at (x, y), 0 to 255. */
function slope(corners: Uint8Array, x: number, y: number, channel: number): number {
  const perRow = INPUT_SIDE / COARSE_CELL + 1;
  const right = x % COARSE_CELL;
  const down = y % COARSE_CELL;
  const corner = (((y / COARSE_CELL) | 0) * perRow + ((x / COARSE_CELL) | 0)) * 3 + channel;
  const below = corner + perRow * 3;
  const upper = (corners[corner] ?? 0) * (COARSE_CELL - right) + (corners[corner + 3] ?? 0) * right;
  const lower = (corners[below] ?? 0) * (COARSE_CELL - right) + (corners[below + 3] ?? 0) * right;
  return ((upper * (COARSE_CELL - down) + lower * down) / COARSE_CELL ** 2) | 0;
}

function indexOfMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] ?? Number.NEGATIVE_INFINITY) > (values[best] ?? Number.NEGATIVE_INFINITY)) best = index;
  }
  return best;
}

function randomBytes(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random() >>> 24);
}
