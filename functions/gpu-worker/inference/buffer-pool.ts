import { INPUT_ELEMENTS } from '../../../classifier/self-test.ts';

/**
 * Pixel buffers that go to the engine and come back. Each one has the size of the largest batch, so
 * any run fits into any buffer.
 */
export interface BufferPool {
  /** Returns uint8 [count, 224, 224, 3]. It still has old content, which the caller overwrites. */
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
