import type { ExecutionProvider } from '../../../classifier/session.ts';

/**
 * The sizes that a model is run at. A GPU's libraries search their algorithms anew for every shape,
 * so there are few: 1, 2, 4 … and the largest. On the CPU every size is as good, and padding would
 * be work for nothing: null.
 */
export function fixedSizes(provider: ExecutionProvider, largest: number): readonly number[] | null {
  if (provider === 'cpu') return null;
  const powers = Array.from({ length: Math.floor(Math.log2(largest)) + 1 }, (_, exponent) => 2 ** exponent);
  return powers.at(-1) === largest ? powers : [...powers, largest];
}

/** The size that `count` images are run at: the smallest fixed one that holds them. */
export function paddedSize(count: number, sizes: readonly number[] | null): number {
  return sizes?.find((size) => size >= count) ?? count;
}
