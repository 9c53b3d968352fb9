import { S3Client } from '@aws-sdk/client-s3';
import { itemCountsSchema } from '../../../functions/backfill/item-result.ts';
import { BACKFILL_PREFIX } from '../../../functions/backfill/result-keys.ts';
import * as deadLetterQueue from '../../../functions/dead-letters/queue.ts';
import * as heavyQueue from '../../../functions/gpu-worker/queue.ts';
import * as uploadsQueue from '../../../functions/tag-upload/queue.ts';
import {
  HEAVY_QUEUE,
  SERVICE_BUCKET,
  UPLOADS_BUCKET,
  UPLOADS_DEAD_LETTERS,
  UPLOADS_PARKED,
  UPLOADS_QUEUE,
} from '../../../local/names.ts';
import { startRun } from '../../infra/backfill/backfill-world.ts';
import { StateError } from '../../infra/backfill/state-machine/state-error.ts';
import { auditBeforeRedrive, auditInTheEnd, HEAVY_DEAD_LETTERS, pictureOfRequest } from './audit-run.ts';
import { Draws } from './draws.ts';
import { PlannedBucket } from './expected.ts';
import type { Guard } from './guards.ts';
import { lives, ProcessEndedError } from './life.ts';
import { Machine } from './machine.ts';
import { type Delivery, MemoryQueues } from './memory-queues.ts';
import { MemoryS3 } from './memory-s3.ts';
import { MemoryTable } from './memory-table.ts';
import { pictureOf } from './pictures.ts';
import type { Operation, Plan } from './plan.ts';
import { openApiProcess, openBackfillProcess, openDeadLettersProcess, openTaggingProcess } from './processes.ts';
import { type Published, serveCall } from './serve-call.ts';
import { SimulatedFunction, startEventSource } from './simulated-function.ts';
import { installSdk } from './simulated-sdk.ts';
import { type Trace, treatCalls } from './treat-calls.ts';
import { Users } from './users.ts';
import { VirtualTime } from './virtual-time.ts';
import { keepWorker } from './worker-process.ts';

export interface RunOptions {
  /** A guard that is to be missing. Default: none. */
  readonly removed?: Guard | null;
  /** Prints the processes' calls that have this text in their input. Default: none. */
  readonly trace?: Trace | null;
}

export interface RunResult {
  /** What was found to be wrong, one sentence each. */
  readonly findings: readonly string[];
  /** How often each operation, fault and delivery happened. */
  readonly counts: Readonly<Record<string, number>>;
  /** How long it took in the simulation. */
  readonly simulatedSeconds: number;
}

const TAGGING_INSTANCES = 3;
const API_TIMEOUT_MS = 29_000;
const BACKFILL_TIMEOUT_MS = 900_000;
const WORKERS = 2;
/** Processes are killed while they handle this share of their events. */
const KILLS = {
  tagging: { share: 0.05, withinMs: 500 },
  'dead-letters': { share: 0.1, withinMs: 500 },
  api: { share: 0.03, withinMs: 200 },
  backfill: { share: 0.15, withinMs: 600 },
};
/** A queue may deliver a message twice, and some messages come minutes late. */
const REPEATED_SHARE = 0.02;
const LATE_SHARE = 0.05;
const LATE_MS = 300_000;
const USUAL_DELAY_MS = 800;
/** S3 may send the event of a change twice. */
const SENT_TWICE_SHARE = 0.03;
const LIMIT_MS = 40 * 86_400_000;
const MOST_REDRIVES = 30;
/** The model may fail at two pictures of a batch of six. */
const TOLERATED_SHARE = 0.4;

/**
 * Runs a plan against the functions of this repository, in one process and on a clock of its own,
 * and audits what is left. The same plan always runs alike.
 */
export async function runPlan(plan: Plan, { removed = null, trace = null }: RunOptions = {}): Promise<RunResult> {
  const random = Math.random;
  const time = new VirtualTime();
  const draws = new Draws(plan.seed);
  let drawn = 0;
  // The SDK and others may wait for a random time.
  Math.random = () => draws.share('random', drawn++);
  const world = createWorld(plan, time, draws, { removed, trace });
  time.install();
  try {
    return await runWorld(plan, world);
  } finally {
    time.restore();
    world.restoreSdk();
    Math.random = random;
  }
}

type World = ReturnType<typeof createWorld>;

function createWorld(plan: Plan, time: VirtualTime, draws: Draws, { removed, trace }: Required<RunOptions>) {
  const published: Published[] = [];
  const queues = createQueues(time, draws);
  let events = 0;
  const s3 = new MemoryS3((bucket, notification) => {
    if (bucket !== UPLOADS_BUCKET) return;
    events += 1;
    const body = JSON.stringify(notification);
    const copies = draws.share('sent twice', events) < SENT_TWICE_SHARE ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) queues.send(UPLOADS_QUEUE, body, {});
    if (copies === 2) machine.count('events sent twice');
  });
  s3.createBucket(UPLOADS_BUCKET, plan.isVersioned);
  s3.createBucket(SERVICE_BUCKET, false);
  const table = new MemoryTable();
  const machine = new Machine({ time, draws, queues, s3, table, removed, faultsEndAt: plan.faultsEndAt });
  const services = { s3, table, queues, published };
  const restoreSdk = installSdk({
    time,
    ...treatCalls(machine, plan.seed, trace),
    serve: (...call) => serveCall(services, ...call),
  });
  return { machine, published, restoreSdk, bucket: new PlannedBucket(plan) };
}

function createQueues(time: VirtualTime, draws: Draws): MemoryQueues {
  const delivery: Delivery = {
    delayOf: (queue, message) =>
      draws.share('late', queue, message) < LATE_SHARE
        ? draws.between(0, LATE_MS, 'delay', queue, message)
        : draws.between(0, USUAL_DELAY_MS, 'delay', queue, message),
    isRepeated: (queue, receive) => draws.share('repeated', queue, receive) < REPEATED_SHARE,
    choice: (queue, receive) => draws.share('choice', queue, receive),
  };
  const queues = new MemoryQueues(time, delivery);
  const visibilitySeconds = uploadsQueue.VISIBILITY_TIMEOUT_SECONDS;
  queues.create(UPLOADS_PARKED, { visibilitySeconds, deadLetters: null });
  queues.create(UPLOADS_DEAD_LETTERS, {
    visibilitySeconds: deadLetterQueue.VISIBILITY_TIMEOUT_SECONDS,
    deadLetters: { queue: UPLOADS_PARKED, after: deadLetterQueue.MAX_RECEIVE_COUNT },
  });
  queues.create(UPLOADS_QUEUE, {
    visibilitySeconds,
    deadLetters: { queue: UPLOADS_DEAD_LETTERS, after: uploadsQueue.MAX_RECEIVE_COUNT },
  });
  queues.create(HEAVY_DEAD_LETTERS, { visibilitySeconds, deadLetters: null });
  queues.create(HEAVY_QUEUE, {
    visibilitySeconds: heavyQueue.VISIBILITY_TIMEOUT_SECONDS,
    deadLetters: { queue: HEAVY_DEAD_LETTERS, after: heavyQueue.MAX_RECEIVE_COUNT },
  });
  return queues;
}

async function runWorld(plan: Plan, { machine, published, bucket }: World): Promise<RunResult> {
  const { time, s3, queues } = machine;
  const tagging = new SimulatedFunction(machine, {
    stage: 'tagging',
    timeoutMs: uploadsQueue.FUNCTION_TIMEOUT_SECONDS * 1000,
    open: () => openTaggingProcess(machine) as (event: never) => Promise<unknown>,
    kills: KILLS.tagging,
  });
  const deadLetters = new SimulatedFunction(machine, {
    stage: 'dead-letters',
    timeoutMs: deadLetterQueue.FUNCTION_TIMEOUT_SECONDS * 1000,
    open: () => openDeadLettersProcess(machine, (event) => tagging.invoke(event)) as (event: never) => Promise<unknown>,
    kills: KILLS['dead-letters'],
  });
  const api = new SimulatedFunction(machine, {
    stage: 'api',
    timeoutMs: API_TIMEOUT_MS,
    open: () => openApiProcess(machine) as (event: never) => Promise<unknown>,
    kills: KILLS.api,
  });
  const users = new Users(machine, api, bucket);
  startEventSource(machine, tagging, {
    queue: UPLOADS_QUEUE,
    batchSize: uploadsQueue.DEFAULT_BATCH_SIZE,
    pollers: TAGGING_INSTANCES,
  });
  startEventSource(machine, deadLetters, { queue: UPLOADS_DEAD_LETTERS, batchSize: 1, pollers: 1 });
  for (let worker = 0; worker < WORKERS; worker += 1) void keepWorker(machine);

  for (const { key, words } of plan.before)
    s3.put({ Bucket: UPLOADS_BUCKET, Key: key, Body: pictureOf(words), isSilent: true });
  let waiting = plan.operations.length;
  for (const operation of plan.operations) {
    time.after(operation.at, () => {
      waiting -= 1;
      machine.count(`operation ${operation.kind}`);
      act(operation);
    });
  }
  let backfills = 0;
  const prefixes = new Set<string>();
  function act(operation: Operation): void {
    switch (operation.kind) {
      case 'upload':
        s3.put({
          Bucket: UPLOADS_BUCKET,
          Key: operation.key,
          Body: pictureOf(operation.words),
          Tagging: `owner=${operation.owner}`,
        });
        return;
      case 'delete':
        s3.call('DeleteObject', { Bucket: UPLOADS_BUCKET, Key: operation.key });
        return;
      case 'delete-version': {
        const version = s3.keysOf(UPLOADS_BUCKET).get(operation.key)?.[operation.older];
        if (version !== undefined && plan.isVersioned)
          s3.call('DeleteObject', { Bucket: UPLOADS_BUCKET, Key: operation.key, VersionId: version.versionId });
        return;
      }
      case 'backfill':
        backfills += 1;
        void backfill(machine, `run-${operation.id}`, operation.prefix).then(() => {
          backfills -= 1;
        });
        prefixes.add(operation.prefix);
        return;
      default:
        void users.act(operation);
    }
  }

  const isQuiet = () =>
    waiting === 0 &&
    backfills === 0 &&
    users.open === 0 &&
    !machine.areFaultsOn &&
    [UPLOADS_QUEUE, UPLOADS_DEAD_LETTERS, HEAVY_QUEUE].every((name) => queues.messagesOf(name).length === 0);
  const { jobs, unfinishedThumbnails } = users;
  const left = { machine, bucket, published, jobs, unfinishedThumbnails, prefixes };
  const findings = new Set<string>();
  const note = (found: readonly string[]) => {
    for (const finding of found) findings.add(finding);
  };
  try {
    await time.runUntil(isQuiet, LIMIT_MS);
    note(auditBeforeRedrive(left).map((finding) => `before messages were sent back: ${finding}`));
    machine.counts.set('parked messages sent back', queues.move(UPLOADS_PARKED, UPLOADS_QUEUE));
    // What ends each worker is sent back last: ten more ends would take slow pictures along.
    const isCrash = (body: string) => pictureOfRequest(left, body).words.startsWith('crash');
    machine.counts.set('heavy dead letters sent back', queues.move(HEAVY_DEAD_LETTERS, HEAVY_QUEUE, isCrash));
    for (const prefix of prefixes) act({ id: plan.operations.length, at: 0, kind: 'backfill', prefix });
    await time.runUntil(isQuiet, LIMIT_MS);
    if (queues.messagesOf(HEAVY_DEAD_LETTERS).some(({ body }) => isCrash(body))) {
      queues.move(HEAVY_DEAD_LETTERS, HEAVY_QUEUE, (body) => !isCrash(body));
      await time.runUntil(isQuiet, LIMIT_MS);
    }
    note(auditInTheEnd(left));
  } catch (error) {
    note([`it did not come to its end: ${error instanceof Error ? error.message : error}`]);
  }
  note([...machine.findings]);
  return {
    findings: [...findings],
    counts: Object.fromEntries([...machine.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    simulatedSeconds: Math.round(time.elapsed / 1000),
  };
}

/** Whether some objects failed in an earlier run: the command line then asks for a repair. */
function hasFailures({ s3 }: Machine): boolean {
  return [...s3.keysOf(SERVICE_BUCKET)].some(([key, [counts]]) => {
    if (!key.startsWith(BACKFILL_PREFIX) || !key.includes('/counts/') || !counts?.bytes) return false;
    return itemCountsSchema.parse(JSON.parse(counts.bytes.toString())).items.failed > 0;
  });
}

/** Runs a backfill, and runs it again until it succeeds, as an operator does. */
async function backfill(machine: Machine, name: string, prefix: string): Promise<void> {
  const { time } = machine;
  const target = new SimulatedFunction(machine, {
    stage: 'backfill',
    timeoutMs: BACKFILL_TIMEOUT_MS,
    open: () => openBackfillProcess(machine) as (event: never) => Promise<unknown>,
    kills: KILLS.backfill,
  });
  const s3 = new S3Client({});
  const repair = hasFailures(machine);
  const execution = startRun(
    name,
    { prefix, repair, toleratedFailureShare: TOLERATED_SHARE },
    { concurrency: 2, itemsPerBatch: 6 },
  );
  const services = {
    s3,
    invoke: async (_name: string, payload: unknown) => {
      try {
        return await target.invoke(payload);
      } catch (error) {
        throw error instanceof ProcessEndedError ? new StateError('Lambda.Unknown', error.message) : error;
      }
    },
    wait: (seconds: number) => time.wait(seconds * 1000),
  };
  for (let run = 0; run < MOST_REDRIVES; run += 1) {
    machine.count('backfill runs');
    const { status, cause } = await lives.run(undefined, () => execution.run(services));
    if (status === 'SUCCEEDED') return;
    if (run === MOST_REDRIVES - 1) machine.findings.add(`the backfill does not succeed: ${cause}`);
    await time.wait(60_000);
  }
}
