import { round } from '../models/package/round.ts';

/** The middle one; of an even number of values, the upper one of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Milliseconds of the middle one of `repeats` calls, after one that warms up.
 * @returns to a tenth
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

/** Milliseconds that this process' threads have computed since. */
export function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
