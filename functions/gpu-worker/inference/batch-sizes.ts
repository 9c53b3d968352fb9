import type { ExecutionProvider } from '../../../classifier/onnx-runtime.ts';

/**
 * Returns the batch sizes that a model is run with: 1, 2, 4 … and the largest. There are few of
 * them, because the libraries of a GPU search for the best algorithm again for every new shape.
 * Null on the CPU: there every size is fine, and padding would only be extra work.
 */
export function fixedSizes(provider: ExecutionProvider, largest: number): readonly number[] | null {
  if (provider === 'cpu') return null;
  const powers = Array.from({ length: Math.floor(Math.log2(largest)) + 1 }, (_, exponent) => 2 ** exponent);
  return powers.at(-1) === largest ? powers : [...powers, largest];
}

/** Returns the size that `count` images are run with: the smallest fixed size that holds them. */
export function paddedSize(count: number, sizes: readonly number[] | null): number {
  return sizes?.find((size) => size >= count) ?? count;
}
