import { INPUT_ELEMENTS } from '../../../../classifier/self-test.ts';
import type { RunningEngine } from '../../../../functions/gpu-worker/inference/batcher.ts';
import { type BufferPool, createBufferPool } from '../../../../functions/gpu-worker/inference/buffer-pool.ts';

/** What an engine was asked. */
export interface Run {
  readonly model: string;
  /** First byte of each picture, padding included. */
  readonly images: number[];
  readonly features: readonly number[];
}

/** An engine that answers with each picture's first byte, when it is told to. */
export class ByteEngine implements RunningEngine {
  readonly runs: Run[] = [];
  readonly buffers: BufferPool;
  /** What a run of these pictures does instead of answering. */
  fails: (images: readonly number[]) => Error | null = () => null;
  /** Whether models still pass their self-test. */
  works = true;
  #waiting: (() => void)[] = [];
  #held = false;

  constructor(largest: number) {
    this.buffers = createBufferPool(largest);
  }

  /** Until `release`, runs do not end. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  async run(model: string, pixels: Uint8Array<ArrayBuffer>, count: number, features: readonly number[]) {
    const images = Array.from({ length: count }, (_, index) => pixels[index * INPUT_ELEMENTS] ?? -1);
    this.runs.push({ model, images, features });
    if (this.#held) await new Promise<void>((proceed) => this.#waiting.push(proceed));
    this.buffers.give(pixels.buffer);
    const fault = this.fails(images);
    if (fault !== null) throw fault;
    return {
      logits: Float32Array.from(images.flatMap((image) => [image, -image])),
      features: features.map((index) => Float32Array.of(images[index] ?? -1)),
      milliseconds: 5,
    };
  }

  async test(): Promise<boolean> {
    return this.works;
  }
}

/** A picture of one colour. */
export function picture(byte: number): Uint8Array {
  return new Uint8Array(INPUT_ELEMENTS).fill(byte);
}
