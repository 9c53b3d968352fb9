import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createTurns } from '../../../../functions/side-by-side/turns.ts';
import type { MapState } from './definition-schema.ts';
import { type Context, evaluate, evaluateNumber } from './evaluate.ts';
import { readItems } from './read-items.ts';
import { type Entered, runStates } from './run-states.ts';
import type { StateServices } from './services.ts';
import { type Ended, StateError, Stopped, toEnd } from './state-error.ts';

/** The execution of one batch. It keeps its name when it is redriven. */
interface Child {
  readonly name: string;
  readonly items: number;
  readonly input: unknown;
  /** Where it goes on if it is redriven. */
  last: Entered;
  redrives: number;
  ended: Ended | null;
}

/** A run of a distributed map: its batches, and what became of each. */
export class MapRun {
  readonly #state: MapState;
  #children: Child[] | null = null;

  constructor(state: MapState) {
    this.#state = state;
  }

  get batches(): { items: number; ended: Ended | null }[] {
    return (this.#children ?? []).map(({ items, ended }) => ({ items, ended }));
  }

  /** Runs the batches that have not succeeded. */
  async run(input: unknown, context: Context, services: StateServices): Promise<unknown> {
    this.#children ??= await this.#readBatches(input, context, services);
    const children = this.#children;
    const concurrency = await evaluateNumber(this.#state.MaxConcurrency, { input, context });
    const tolerated = await evaluateNumber(this.#state.ToleratedFailurePercentage, { input, context });
    const all = sum(children);
    const isExceeded = () => sum(children.filter(({ ended }) => ended?.status === 'FAILED')) > (all * tolerated) / 100;
    const turns = createTurns(concurrency === 0 ? 10_000 : concurrency);
    const waiting = children.filter(({ ended }) => ended?.status !== 'SUCCEEDED');
    for (const child of waiting) child.ended = null;
    await Promise.all(
      waiting.map((child) =>
        turns.take(async () => {
          if (services.signal?.aborted || isExceeded()) return;
          child.ended = await this.#runChild(child, services);
        }),
      ),
    );
    if (services.signal?.aborted) throw new Stopped('stopped in the map');
    const result = await this.#writeResults(input, context, services);
    if (isExceeded()) {
      throw new StateError('States.ExceedToleratedFailureThreshold', `more than ${tolerated}% of the items failed`);
    }
    return result;
  }

  async #runChild(child: Child, services: StateServices): Promise<Ended> {
    const { States } = this.#state.ItemProcessor;
    const context = { Execution: { Name: child.name, Input: child.input, RedriveCount: child.redrives } };
    child.redrives += 1;
    return toEnd(() =>
      runStates(child.last, {
        states: States,
        context,
        services,
        onEntered: (entered) => {
          child.last = entered;
        },
        runLast: (state, given) => {
          if (state.Type !== 'Succeed') throw new TypeError(`a batch cannot have a state of type ${state.Type}`);
          return evaluate(state.Output, { input: given, context });
        },
      }),
    );
  }

  async #readBatches(input: unknown, context: Context, { s3 }: StateServices): Promise<Child[]> {
    const { ItemReader, ItemSelector, ItemBatcher, ItemProcessor } = this.#state;
    const reader = { ...ItemReader, Arguments: await evaluate(ItemReader.Arguments, { input, context }) };
    const found = await readItems(reader as MapState['ItemReader'], s3);
    const items: unknown[] = [];
    for (const [Index, Value] of found.entries()) {
      items.push(await evaluate(ItemSelector, { input, context: { ...context, Map: { Item: { Index, Value } } } }));
    }
    const BatchInput = await evaluate(ItemBatcher.BatchInput, { input, context });
    return toBatches(items, BatchInput, ItemBatcher).map((Items) => {
      const childInput = { BatchInput, Items };
      const last = { name: ItemProcessor.StartAt, input: childInput };
      return { name: randomUUID(), items: Items.length, input: childInput, last, redrives: 0, ended: null };
    });
  }

  /** Writes a line for each batch, as the transformation COMPACT does: its output alone. */
  async #writeResults(input: unknown, context: Context, { s3 }: StateServices): Promise<unknown> {
    const target = await evaluate(this.#state.ResultWriter.Arguments, { input, context });
    const { Bucket, Prefix } = target as MapState['ResultWriter']['Arguments'];
    const lines = (this.#children ?? []).flatMap(({ ended }) =>
      ended?.status === 'SUCCEEDED' ? [`${JSON.stringify(ended.output)}\n`] : [],
    );
    const Key = `${Prefix}/${randomUUID()}/SUCCEEDED_0.jsonl`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(lines.join('')) }));
    return { ResultWriterDetails: { Bucket, Key } };
  }
}

function toBatches(
  items: readonly unknown[],
  batchInput: unknown,
  { MaxItemsPerBatch, MaxInputBytesPerBatch }: MapState['ItemBatcher'],
): unknown[][] {
  const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) + 1;
  const batches: unknown[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const current = batches.at(-1);
    bytes += size(item);
    if (current === undefined || current.length >= MaxItemsPerBatch || bytes > MaxInputBytesPerBatch) {
      batches.push([item]);
      bytes = size(batchInput) + size(item);
    } else {
      current.push(item);
    }
  }
  return batches;
}

function sum(children: readonly Child[]): number {
  return children.reduce((total, { items }) => total + items, 0);
}
