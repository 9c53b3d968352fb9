import { gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { answerCall } from '../../../functions/backfill/answer-call.ts';
import { parseCall } from '../../../functions/backfill/batch.ts';
import type { BackfillDependencies } from '../../../functions/backfill/dependencies.ts';
import { type ItemResult, itemResultSchema } from '../../../functions/backfill/item-result.ts';
import { resultsPrefix } from '../../../functions/backfill/result-keys.ts';
import type { ItemFailure } from '../../../functions/backfill/tag-items.ts';
import { createRunner } from '../../../functions/side-by-side/runner.ts';
import { backfillDefinition } from '../../../infra/backfill/definition.ts';
import { SERVICE_BUCKET, UPLOADS_BUCKET } from '../../../local/names.ts';
import type { BootServices } from '../boot/services.ts';
import { createExecution, type Execution } from './state-machine/execution.ts';
import type { StateServices } from './state-machine/services.ts';
import { StateError } from './state-machine/state-error.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:backfill:live';
const ALL_TIME_MS = 900_000;

export interface RunOptions {
  /** Batches at the same time. Default 1. */
  readonly concurrency?: number;
  /** Smaller batches than the stack's, so that a few objects are several. Default: the stack's. */
  readonly itemsPerBatch?: number;
}

/** An execution of the stack's own definition, with the local services' names in it. */
export function startRun(
  name: string,
  request: unknown,
  { concurrency = 1, itemsPerBatch }: RunOptions = {},
): Execution {
  const definition = JSON.stringify(
    backfillDefinition({
      partition: 'aws',
      functionArn: FUNCTION_ARN,
      serviceBucketName: SERVICE_BUCKET,
      defaultConcurrency: concurrency,
      inventoryBucket: SERVICE_BUCKET,
    }),
  );
  const sized =
    itemsPerBatch === undefined
      ? definition
      : definition.replaceAll(/"MaxItemsPerBatch":\d+/g, `"MaxItemsPerBatch":${itemsPerBatch}`);
  return createExecution(JSON.parse(sized), name, request);
}

/** What the function does, and how its process ends. */
export interface Watch {
  /** How often each key was classified, and given tags. */
  readonly classified: Map<string, number>;
  readonly tagged: Map<string, number>;
  /** Operations of the function, by their names. */
  readonly calls: Map<string, number>;
  readonly failures: ItemFailure[];
  /** Called before each record is written, with how many were written before. */
  onWrite: (written: number) => Promise<void> | void;
  /** Ends the function's process. The next call starts another. */
  kill(): void;
}

/**
 * The function, in this process. When it is killed, no operation of that call goes out any more, and
 * Step Functions hears of it as Lambda tells it.
 * @param remainingMs the time that is left, asked for before each item. Default: all of it
 */
export function createFunction(
  real: BackfillDependencies,
  remainingMs: () => number = () => ALL_TIME_MS,
): { watch: Watch; invoke: StateServices['invoke'] } {
  let die: () => void = () => {};
  let written = 0;
  const watch: Watch = {
    classified: new Map(),
    tagged: new Map(),
    calls: new Map(),
    failures: [],
    onWrite: () => {},
    kill: () => die(),
  };
  const observer = {
    onRun() {},
    onBatch() {},
    onFailure: (failure: ItemFailure) => void watch.failures.push(failure),
  };

  async function invoke(_name: string, payload: unknown): Promise<unknown> {
    const life = new Life(watch.calls);
    const died = new Promise<never>((_, reject) => {
      die = () => {
        life.isOver = true;
        // What went out arrives, and then the next attempt may begin.
        void life.settled().then(() => reject(new StateError('Lambda.Unknown', 'the process exited')));
      };
    });
    const work = answerCall(parseCall(payload), connect(life), observer, remainingMs);
    return Promise.race([work, died]);
  }

  function connect(life: Life): BackfillDependencies {
    const { objects, records, answerer, publish, results } = real;
    if (answerer.kind !== 'small') throw new TypeError('the backfill has the small model');
    // Turns and room that a process had go with it.
    const runner = createRunner();
    return {
      ...real,
      runner,
      memory: runner.memory,
      objects: {
        open: (object, ifMatch) =>
          life.call('GetObject', () => {
            count(watch.classified, object.key);
            return objects.open(object, ifMatch);
          }),
        exists: (object) => life.call('HeadObject', () => objects.exists(object)),
        tags: (object) => life.call('GetObjectTagging', () => objects.tags(object)),
        putTags: (object, tags) =>
          life.call('PutObjectTagging', () => {
            count(watch.tagged, object.key);
            return objects.putTags(object, tags);
          }),
      },
      records: {
        ...records,
        read: (name) => life.call('Query', () => records.read(name)),
        write: async (entry, condition) => {
          const before = written;
          written += 1;
          await watch.onWrite(before);
          return life.call('PutItem', () => records.write(entry, condition));
        },
        changeRows: (position, changes) => life.call('rows', () => records.changeRows(position, changes)),
      },
      publish: (record) => life.call('Publish', () => publish(record)),
      results: { write: (name, items) => life.call('results', () => results.write(name, items)) },
    };
  }

  return { watch, invoke };
}

/**
 * The time that is left, in which so many items of each call may be started. There is time for all in
 * the calls after those.
 */
export function timeFor(items: readonly number[]): () => number {
  const left = items.map((count) => Array.from({ length: count }, () => ALL_TIME_MS)).flatMap((times) => [...times, 0]);
  return () => left.shift() ?? ALL_TIME_MS;
}

/** One process of the function. */
class Life {
  isOver = false;
  readonly #calls: Map<string, number>;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(calls: Map<string, number>) {
    this.#calls = calls;
  }

  async call<Result>(name: string, make: () => Promise<Result>): Promise<Result> {
    if (this.isOver) return new Promise<never>(() => {});
    count(this.#calls, name);
    const made = make();
    this.#underWay.add(made);
    try {
      return await made;
    } finally {
      this.#underWay.delete(made);
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Puts the same picture under many keys. */
export async function putMany({ s3 }: BootServices, keys: readonly string[], Body: Uint8Array): Promise<void> {
  const waiting = [...keys];
  const putNext = async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      await s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: key, Body }));
    }
  };
  await Promise.all(Array.from({ length: 10 }, putNext));
}

/**
 * Puts an inventory of the watched bucket, as S3 writes one.
 * @param lines the values of the columns, in their order
 * @returns the key of its manifest, in the service bucket
 */
export async function putInventory(
  { s3 }: BootServices,
  name: string,
  columns: readonly string[],
  lines: readonly (readonly string[])[],
): Promise<string> {
  const csv = lines.map((fields) => `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`);
  const key = `inventories/${name}/data/0.csv.gz`;
  const manifestKey = `inventories/${name}/2026-11-27T01-00Z/manifest.json`;
  const manifest = {
    sourceBucket: UPLOADS_BUCKET,
    fileFormat: 'CSV',
    fileSchema: columns.join(', '),
    files: [{ key }],
  };
  await s3.send(new PutObjectCommand({ Bucket: SERVICE_BUCKET, Key: key, Body: gzipSync(csv.join('')) }));
  await s3.send(new PutObjectCommand({ Bucket: SERVICE_BUCKET, Key: manifestKey, Body: JSON.stringify(manifest) }));
  return manifestKey;
}

/** Reads the results of a run, of all its calls. */
export async function readResults({ s3: client }: BootServices, runId: string): Promise<ItemResult[]> {
  const results: ItemResult[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket: SERVICE_BUCKET, Prefix: resultsPrefix(runId) });
  for await (const { Contents = [] } of pages) {
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: SERVICE_BUCKET, Key }));
      const text = (await Body?.transformToString()) ?? '';
      results.push(
        ...text
          .split('\n')
          .filter(Boolean)
          .map((line) => itemResultSchema.parse(JSON.parse(line))),
      );
    }
  }
  return results;
}
