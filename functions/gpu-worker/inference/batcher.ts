import { messageOf } from '../../../classifier/message-of.ts';
import { INPUT_ELEMENTS } from '../../../classifier/self-test.ts';
import { BrokenEngineError, OutOfMemoryError } from '../errors.ts';
import { paddedSize } from './batch-sizes.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Engine } from './engine.ts';
import type { RunResult } from './protocol.ts';

/** The part of the engine that the batcher needs. */
export type RunningEngine = Pick<Engine, 'run' | 'test'>;

/** What the batcher knows about a model. */
export interface BatchedModel {
  readonly name: string;
  readonly classes: number;
  /** The only batch sizes that the model is run with, ascending. Null: any size. */
  readonly sizes: readonly number[] | null;
}

/** The part of a run's result that belongs to one image. */
export interface ImageResult {
  /** float32 [classes] */
  readonly logits: Float32Array;
  /** float32 [channels, 7, 7]; null unless asked for. */
  readonly features: Float32Array | null;
  /** Milliseconds of the run of the whole batch. */
  readonly run: number;
}

/** Result of one run. */
export interface BatchReport {
  readonly model: string;
  readonly images: number;
  /** Batch size of the run, padding included. */
  readonly size: number;
  readonly milliseconds: number;
}

export interface BatcherOptions {
  /** Maximum number of images in one run. */
  readonly largest: number;
  /** How long the first image of a batch waits for others while the engine is idle. */
  readonly waitMs: number;
  /** The pool that the engine gives its buffers back to. */
  readonly buffers: BufferPool;
  readonly onBatch: (report: BatchReport) => void;
  /** Called when a model runs out of memory and is run in smaller batches from now on. */
  readonly onSmaller: (model: string, largest: number) => void;
  /** Called when a model computes wrongly: the worker must be replaced. */
  readonly onBroken: (error: BrokenEngineError) => void;
}

export interface Batcher {
  /**
   * Queues one image for the next batch of its model.
   * @param pixels uint8 [224, 224, 3]
   * @throws {InferenceError} when this image fails in a run of its own
   * @throws {OutOfMemoryError} when the memory is too small even for one image
   */
  submit(model: BatchedModel, pixels: Uint8Array, wantsFeatures: boolean): Promise<ImageResult>;
}

interface Item {
  readonly pixels: Uint8Array;
  readonly wantsFeatures: boolean;
  readonly since: number;
  readonly resolve: (result: ImageResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  /** The model as it was last opened. */
  model: BatchedModel;
  readonly items: Item[];
  largest: number;
}

/**
 * Number of runs that the engine has at a time. While it computes one, the next already waits
 * there, so the engine never pauses. Only a full batch is sent early, because other batches may
 * still grow.
 */
const RUNS_AHEAD = 2;

/**
 * Collects images until a batch is full or its first image has waited long enough, and runs one
 * batch after the other. A failed batch is halved again and again. In the end only those images
 * fail that fail alone; the others get their answers. After "out of memory" all later batches are
 * smaller.
 */
export function createBatcher(engine: RunningEngine, options: BatcherOptions): Batcher {
  const batches = new Batches(engine, options);
  return { submit: (model, pixels, wantsFeatures) => batches.submit(model, pixels, wantsFeatures) };
}

class Batches {
  readonly #engine: RunningEngine;
  readonly #options: BatcherOptions;
  readonly #queues = new Map<string, Queue>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: RunningEngine, options: BatcherOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  submit(model: BatchedModel, pixels: Uint8Array, wantsFeatures: boolean): Promise<ImageResult> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(model.name) ?? { model, items: [], largest: this.#options.largest };
      queue.model = model;
      queue.largest = Math.min(queue.largest, model.sizes?.at(-1) ?? queue.largest);
      this.#queues.set(model.name, queue);
      queue.items.push({ pixels, wantsFeatures, since: performance.now(), resolve, reject });
      this.#pump();
    });
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (let queue = this.#nextQueue(); queue !== undefined; queue = this.#nextQueue()) {
      this.#running += 1;
      void this.#runItems(queue, queue.items.splice(0, queue.largest)).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
    const oldest = this.#running > 0 ? undefined : oldestOf(this.#queues);
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, this.#options.waitMs - (performance.now() - oldest)));
  }

  /** Returns the queue whose first image has waited longest, among the queues that may run now. */
  #nextQueue(): Queue | undefined {
    if (this.#running >= RUNS_AHEAD) return undefined;
    const now = performance.now();
    return [...this.#queues.values()]
      .filter(({ items, largest }) => {
        const [first] = items;
        if (first === undefined) return false;
        return items.length >= largest || (this.#running === 0 && now - first.since >= this.#options.waitMs);
      })
      .sort((a, b) => (a.items[0]?.since ?? 0) - (b.items[0]?.since ?? 0))[0];
  }

  async #runItems(queue: Queue, items: readonly Item[]): Promise<void> {
    const { model } = queue;
    try {
      const { result, size } = await this.#runOnce(model, items);
      this.#options.onBatch({ model: model.name, images: items.length, size, milliseconds: result.milliseconds });
      deliver(model, items, result);
    } catch (error) {
      await this.#afterFailure(queue, items, error);
    }
  }

  async #afterFailure(queue: Queue, items: readonly Item[], error: unknown): Promise<void> {
    const { model } = queue;
    if (items.length > 1 && !(error instanceof BrokenEngineError)) {
      const half = Math.ceil(items.length / 2);
      if (error instanceof OutOfMemoryError && half < queue.largest) {
        queue.largest = half;
        this.#options.onSmaller(model.name, half);
      }
      await this.#runItems(queue, items.slice(0, half));
      await this.#runItems(queue, items.slice(half));
      return;
    }
    // If the self-test fails as well, the engine is broken, and the image is not to blame.
    const broken = error instanceof BrokenEngineError || !(await this.#engine.test(model.name));
    if (broken) this.#options.onBroken(asBroken(model, error));
    for (const { reject } of items) reject(broken ? asBroken(model, error) : error);
  }

  async #runOnce(model: BatchedModel, items: readonly Item[]): Promise<{ result: RunResult; size: number }> {
    const size = paddedSize(items.length, model.sizes);
    const pixels = this.#options.buffers.take(size);
    for (const [index, item] of items.entries()) pixels.set(item.pixels, index * INPUT_ELEMENTS);
    pixels.fill(0, items.length * INPUT_ELEMENTS);
    const wanted = items.flatMap(({ wantsFeatures }, index) => (wantsFeatures ? [index] : []));
    return { result: await this.#engine.run(model.name, pixels, size, wanted), size };
  }
}

function deliver(
  { classes }: BatchedModel,
  items: readonly Item[],
  { logits, features, milliseconds }: RunResult,
): void {
  let next = 0;
  for (const [index, { wantsFeatures, resolve }] of items.entries()) {
    resolve({
      logits: logits.slice(index * classes, (index + 1) * classes),
      features: wantsFeatures ? (features[next++] ?? null) : null,
      run: milliseconds,
    });
  }
}

/** Returns when the first waiting image came, on the clock of `performance.now()`. */
function oldestOf(queues: ReadonlyMap<string, Queue>): number | undefined {
  const times = [...queues.values()].flatMap(({ items: [first] }) => (first === undefined ? [] : [first.since]));
  return times.length === 0 ? undefined : Math.min(...times);
}

function asBroken({ name }: BatchedModel, error: unknown): BrokenEngineError {
  if (error instanceof BrokenEngineError) return error;
  const reason = messageOf(error);
  return new BrokenEngineError(
    `model ${name}: a run failed (${reason}), and then the self-test failed, too. Start the worker again.`,
    error,
  );
}
