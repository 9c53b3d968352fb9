import type { ExecutionProvider } from '../../../classifier/onnx-runtime.ts';

/** From one batch size to the next. */
const STEP = 8;

/**
 * Returns the batch sizes that a model is run with: 1, 8, 64 … and the largest. There are few of
 * them, because each has a session of its own (sized-sessions.ts). A batch is filled up with empty
 * images, and on a GPU a batch of 8 takes hardly longer than one image.
 * Null on the CPU: there every size is fine, and padding would only be extra work.
 */
export function fixedSizes(provider: ExecutionProvider, largest: number): readonly number[] | null {
  if (provider === 'cpu') return null;
  const sizes: number[] = [];
  for (let size = 1; size < largest; size *= STEP) sizes.push(size);
  return [...sizes, largest];
}

/** Returns the size that `count` images are run with: the smallest fixed size that holds them. */
export function paddedSize(count: number, sizes: readonly number[] | null): number {
  return sizes?.find((size) => size >= count) ?? count;
}
