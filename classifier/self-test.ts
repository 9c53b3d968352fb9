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
const FINE_CELL_BITS = 2;
const FINE_CELL = 2 ** FINE_CELL_BITS;

/**
 * 2^22 / 49, rounded up. So `((sum >> 4) * TURNED_49) >> 22` is floor(sum / COARSE_CELL^2), that is
 * floor(sum / 16 / 49): exact for sums up to 255 * 784, and below 2^31.
 */
const TURNED_49 = 85_599;

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
  for (let y = 0; y < INPUT_SIDE; y += 1) {
    const fineRow = fine.subarray((y >> FINE_CELL_BITS) * (INPUT_SIDE / FINE_CELL) * 3);
    for (let channel = 0; channel < 3; channel += 1) {
      writeLine(pixels.subarray(y * INPUT_SIDE * 3 + channel), slopesOf(corners, y, channel), fineRow, channel);
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

/** Interpolates the corners' values along column lines: COARSE_CELL times the values at row y. */
function slopesOf(corners: Uint8Array, y: number, channel: number): Int32Array {
  const perRow = INPUT_SIDE / COARSE_CELL + 1;
  const above = ((y / COARSE_CELL) | 0) * perRow * 3 + channel;
  const down = y % COARSE_CELL;
  return Int32Array.from({ length: perRow }, (_, column) => {
    const corner = above + column * 3;
    return (corners[corner] ?? 0) * (COARSE_CELL - down) + (corners[corner + perRow * 3] ?? 0) * down;
  });
}

/**
 * Writes one channel of a row. This runs once in every process, before V8 has compiled it, so it
 * adds from pixel to pixel and keeps to small whole numbers: with a multiplication and a division
 * for each value it took twice as long, and so does a call.
 */
function writeLine(line: Uint8Array, slopes: Int32Array, fine: Uint8Array, channel: number): void {
  let at = 0;
  for (let cell = 0; cell < INPUT_SIDE / COARSE_CELL; cell += 1) {
    const from = slopes[cell] ?? 0;
    const step = (slopes[cell + 1] ?? 0) - from;
    let sum = from * COARSE_CELL;
    for (let x = cell * COARSE_CELL; x < (cell + 1) * COARSE_CELL; x += 1) {
      const coarse = ((sum >> 4) * TURNED_49) >> 22;
      line[at] = (3 * coarse + (fine[(x >> FINE_CELL_BITS) * 3 + channel] as number)) >> 2;
      sum += step;
      at += 3;
    }
  }
}

function indexOfMax(values: Float32Array | readonly number[]): number {
  let best = 0;
  // As in randomBytes, not a loop of ours: V8 would compile it in the background, for this one run.
  values.forEach((value, index) => {
    if (value > (values[best] ?? Number.NEGATIVE_INFINITY)) best = index;
  });
  return best;
}

function randomBytes(random: () => number, length: number): Uint8Array {
  return new Uint8Array(length).map(() => random() >>> 24);
}
