import * as fc from 'fast-check';
import type { Random } from './random.ts';

const SEEDS = 2 ** 31;

/** Returns one value of an arbitrary of the fuzz tests. */
export function sampled<T>(arbitrary: fc.Arbitrary<T>, random: Random): T {
  const [value] = fc.sample(arbitrary, { seed: random.below(SEEDS), numRuns: 1 });
  return value as T;
}
