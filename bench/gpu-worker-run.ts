/** One round of messages, answered by workers that are watched from outside. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerProcess, WorkerVariables } from '../test/functions/gpu-worker/heavy-world.ts';
import { gpuMemoryMib, mainThreadMs, processorMs, residentMb, withChildren } from './gpu-worker-readings.ts';
import type { GpuWorld, Served } from './gpu-worker-world.ts';
import { metricValues, timeOf } from './worker-log.ts';

export interface Round {
  readonly model: Served;
  readonly prefix: string;
  /** Messages for each worker. */
  readonly count: number;
  readonly variables?: WorkerVariables;
  /** See Program. */
  readonly cores?: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** What a round took. Times are milliseconds of processor time for one image, unless said. */
export interface RoundRow {
  readonly images: number;
  readonly records: number;
  readonly imagesPerSecond: number;
  /** Part of the time in which the sessions computed, 0 to 1; the mean over the workers. */
  readonly busy: number;
  /** Processes of all workers that handle messages; 0: those that compute do it. */
  readonly handlers: number;
  /** All processes of the workers. */
  readonly workerMs: number;
  /** The threads that run JavaScript: of the processes that compute, and of those that handle. */
  readonly mainThreadMs: number;
  readonly handlerThreadMs: number;
  readonly s3Ms: number;
  readonly dynamodbMs: number;
  readonly messagingMs: number;
  /** From the start of the process to its being ready, wall clock. */
  readonly readyMs: number;
  /** Mean wall time from bytes to pixels. */
  readonly decodeWallMs: number;
  /** Mean number of images in a run. */
  readonly meanBatch: number;
  /** Sums over all workers, each time another tenth was answered. */
  readonly residentMb: string;
  readonly gpuMemoryMib: string;
  /** Warnings and errors in the logs, if there were any. */
  readonly log?: string;
}

const POLL_MS = 50;
const TENTHS = 10;
/** The part of the images that is answered before the measured part begins: the queue fills up. */
const WARM_UP_PART = 0.1;
const TAGGED = '"image tagged"';

/**
 * Queues the messages and starts one worker in each world, all at the same time.
 * @throws {Error} with the end of the logs, when a worker ends or the time is over
 */
export async function measureRound(worlds: readonly GpuWorld[], round: Round): Promise<RoundRow> {
  const { model, prefix, count } = round;
  const sequencers = await Promise.all(worlds.map((world) => world.ask(prefix, count, model)));
  const start = performance.now();
  const workers = worlds.map((world) => world.start(model, round.variables, round.cores));
  try {
    await Promise.all(workers.map(({ healthUrl }) => healthUrl));
    const readyMs = performance.now() - start;
    const watched = await watch(worlds, workers, round);
    for (const { child } of workers) child.kill('SIGTERM');
    await Promise.all(workers.map(({ ended }) => ended));
    const records = await Promise.all(
      worlds.map((world, index) => world.answered(prefix, count, sequencers[index] ?? '')),
    );
    return { images: count * worlds.length, records: sum(records), readyMs, ...watched, ...logged(workers) };
  } finally {
    for (const { child } of workers) child.kill('SIGKILL');
  }
}

/** Counts the images that a worker has answered. */
export function answeredBy({ lines }: WorkerProcess): number {
  return lines.filter((line) => line.includes(TAGGED)).length;
}

/** Returns the warnings and errors of workers, each once. */
export function warningsOf(workers: readonly WorkerProcess[]): string[] {
  const lines = workers.flatMap((worker) => worker.lines).filter((line) => /"level":"(WARN|ERROR)"/.test(line));
  return [...new Set(lines.map((line) => line.replace(/"timestamp":"[^"]*",?/, '').slice(0, 1000)))];
}

/**
 * Waits until a worker has answered so many images.
 * @throws {Error} when it ends before, or the time is over
 */
export async function untilAnswered(worker: WorkerProcess, count: number, deadline: number): Promise<void> {
  while (answeredBy(worker) < count) {
    if (worker.child.exitCode !== null || worker.child.signalCode !== null || Date.now() > deadline) {
      const what = Date.now() > deadline ? 'the minutes are over' : 'the worker ended';
      throw new Error(`${what} after ${answeredBy(worker)} of ${count} images: ${worker.lines.slice(-5).join('\n')}`);
    }
    await delay(POLL_MS);
  }
}

/**
 * Reads processor times after the first part of the images and after the last, and memory in
 * between.
 */
async function watch(worlds: readonly GpuWorld[], workers: readonly WorkerProcess[], { count, deadline }: Round) {
  const pids = workers.map(({ child }) => child.pid ?? 0);
  const processes = pids.flatMap(withChildren);
  const handlers = processes.filter((pid) => !pids.includes(pid));
  const answered = () => sum(workers.map(answeredBy));
  const times = () => ({
    answered: answered(),
    worker: sum(processes.map(processorMs)),
    main: sum(pids.map(mainThreadMs)),
    handlers: sum(handlers.map(mainThreadMs)),
    services: servicesMs(worlds),
  });
  await Promise.all(workers.map((worker) => untilAnswered(worker, Math.ceil(count * WARM_UP_PART), deadline)));
  const before = times();
  const resident: number[] = [];
  const card: (number | null)[] = [];
  for (let tenth = 2; tenth <= TENTHS; tenth += 1) {
    await Promise.all(workers.map((worker) => untilAnswered(worker, Math.floor((count * tenth) / TENTHS), deadline)));
    resident.push(sum(processes.map(residentMb)));
    card.push(await gpuMemoryMib());
  }
  const after = times();
  const images = after.answered - before.answered;
  const each = (from: number, to: number) => (to - from) / images;
  return {
    handlers: handlers.length,
    workerMs: each(before.worker, after.worker),
    mainThreadMs: each(before.main, after.main),
    handlerThreadMs: each(before.handlers, after.handlers),
    s3Ms: each(before.services.s3, after.services.s3),
    dynamodbMs: each(before.services.dynamodb, after.services.dynamodb),
    messagingMs: each(before.services.messaging, after.services.messaging),
    residentMb: resident.join(', '),
    gpuMemoryMib: card.join(', '),
  };
}

function servicesMs(worlds: readonly GpuWorld[]) {
  const of = (name: 's3' | 'dynamodb' | 'messaging') =>
    sum(worlds.map(({ services }) => processorMs(services.get(name) ?? 0)));
  return { s3: of('s3'), dynamodb: of('dynamodb'), messaging: of('messaging') };
}

/** What the logs say, once the workers have ended and written all metrics. */
function logged(workers: readonly WorkerProcess[]) {
  const tagged = workers.map(({ lines }) => lines.filter((line) => line.includes(TAGGED)).map(timeOf));
  // Only while every worker is at work.
  const from = Math.max(...tagged.map((times) => times[Math.floor(times.length * WARM_UP_PART)] ?? Number.NaN));
  const to = Math.min(...tagged.map((times) => Math.max(...times)));
  const within = tagged.flat().filter((time) => time > from && time <= to).length;
  const busy = workers.map(({ lines }, index) => {
    const ready = timeOf(lines.find((line) => line.includes('"worker ready"')) ?? '{}');
    return sum(metricValues(lines, 'RunTime')) / (Math.max(...(tagged[index] ?? [])) - ready);
  });
  const all = workers.flatMap(({ lines }) => lines);
  const warnings = warningsOf(workers);
  return {
    imagesPerSecond: (within * 1000) / (to - from),
    busy: sum(busy) / busy.length,
    decodeWallMs: mean(metricValues(all, 'DecodeTime')),
    meanBatch: mean(metricValues(all, 'BatchSize')),
    ...(warnings.length > 0 ? { log: warnings.join('\n') } : {}),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
