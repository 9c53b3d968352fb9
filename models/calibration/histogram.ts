import type { Range } from '../graph/activations.ts';

/** How a range is chosen from the values that were seen. */
export type RangeMethod = 'min-max' | 'percentile' | 'mean-squared-error';

export const RANGE_METHODS: readonly RangeMethod[] = ['min-max', 'percentile', 'mean-squared-error'];

/** Number of cells on each side of zero: at least eight for each step of a uint8. */
const CELLS = 2048;

/** Width of a cell at the beginning; it doubles until the largest value fits into the last cell. */
const LEAST_WIDTH = 2 ** -30;

/** Share of the values that `percentile` leaves beyond the range. */
const BEYOND_PERCENTILE = 1e-4;

/** `mean-squared-error` tries this many ranges, from the whole range down to a fifth of it. */
const SHARES = 80;
const LEAST_SHARE = 0.2;

const MAX_UINT8 = 255;

/**
 * Counts the values of one tensor over many images by size, separately below and above zero. Its
 * memory does not grow.
 */
export class Histogram {
  readonly #above = new Float64Array(CELLS);
  readonly #below = new Float64Array(CELLS);
  #width = LEAST_WIDTH;
  #low = 0;
  #high = 0;
  #count = 0;

  add(values: Float32Array): void {
    let [low, high] = [this.#low, this.#high];
    for (const value of values) {
      if (value > high) high = value;
      else if (value < low) low = value;
    }
    this.#low = low;
    this.#high = high;
    while (Math.max(high, -low) >= this.#width * CELLS) this.#widen();
    const [above, below, perUnit] = [this.#above, this.#below, 1 / this.#width];
    for (const value of values) {
      // Zeros, which are half of a ReLU's output, are exact in every range, so they have no cell.
      if (value > 0) above[(value * perUnit) | 0] = (above[(value * perUnit) | 0] ?? 0) + 1;
      else if (value < 0) below[(-value * perUnit) | 0] = (below[(-value * perUnit) | 0] ?? 0) + 1;
    }
    this.#count += values.length;
  }

  range(method: RangeMethod): Range {
    switch (method) {
      case 'min-max':
        return { low: this.#low, high: this.#high };
      case 'percentile':
        return this.#percentile();
      case 'mean-squared-error':
        return this.#leastSquares();
    }
  }

  #widen(): void {
    this.#width *= 2;
    for (const cells of [this.#above, this.#below]) {
      for (let cell = 0; cell < CELLS / 2; cell += 1) {
        cells[cell] = (cells[2 * cell] ?? 0) + (cells[2 * cell + 1] ?? 0);
      }
      cells.fill(0, CELLS / 2);
    }
  }

  #percentile(): Range {
    const allowed = this.#count * BEYOND_PERCENTILE;
    const edge = (cells: Float64Array, most: number): number => {
      let [cell, beyond] = [CELLS, 0];
      while (cell > 0 && beyond + (cells[cell - 1] ?? 0) <= allowed) {
        cell -= 1;
        beyond += cells[cell] ?? 0;
      }
      return Math.min(cell * this.#width, most);
    };
    return { low: -edge(this.#below, -this.#low), high: edge(this.#above, this.#high) };
  }

  /**
   * Shrinks both ends of the range by the same share. A value outside costs its distance to the
   * range, a value inside the rounding error.
   */
  #leastSquares(): Range {
    let [best, least] = [1, Number.POSITIVE_INFINITY];
    for (let step = 0; step <= SHARES; step += 1) {
      const share = 1 - (step / SHARES) * (1 - LEAST_SHARE);
      const error = this.#squaredError(share);
      if (error < least) [best, least] = [share, error];
    }
    return { low: this.#low * best, high: this.#high * best };
  }

  #squaredError(share: number): number {
    const rounding = (((this.#high - this.#low) * share) / MAX_UINT8) ** 2 / 12;
    let error = 0;
    for (const [cells, end] of [
      [this.#above, this.#high * share],
      [this.#below, -this.#low * share],
    ] as const) {
      for (let cell = 0; cell < CELLS; cell += 1) {
        const beyond = (cell + 0.5) * this.#width - end;
        error += (cells[cell] ?? 0) * (beyond > 0 ? beyond ** 2 : rounding);
      }
    }
    return error;
  }
}
