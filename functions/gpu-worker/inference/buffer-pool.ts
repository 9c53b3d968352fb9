import { INPUT_ELEMENTS } from '../../../classifier/self-test.ts';

/**
 * Buffers of pixels that go to the engine and come back: the largest batch's, so that any run fits
 * into any of them.
 */
export interface BufferPool {
  /** uint8 [count, 224, 224, 3], holding whatever it held before. */
  take(count: number): Uint8Array<ArrayBuffer>;
  give(buffer: ArrayBuffer): void;
}

export function createBufferPool(largestBatch: number): BufferPool {
  const free: ArrayBuffer[] = [];
  return {
    take: (count) =>
      new Uint8Array(free.pop() ?? new ArrayBuffer(largestBatch * INPUT_ELEMENTS), 0, count * INPUT_ELEMENTS),
    give: (buffer) => void free.push(buffer),
  };
}
