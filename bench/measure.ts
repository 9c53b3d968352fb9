import { round } from '../models/package/round.ts';

/** Returns the median; for an even number of values, the larger of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Returns the median time of `repeats` calls in milliseconds, after one call to warm up.
 * @returns rounded to a tenth
 */
export async function medianMs(repeats: number, call: () => Promise<unknown>): Promise<number> {
  await call();
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return round(median(times), 1);
}
