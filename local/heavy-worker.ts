import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { EnvironmentName } from '../functions/environment.ts';
import type { Closers } from './closers.ts';
import { FunctionStartError } from './errors.ts';
import { type FunctionReport, readFunctionLine, toFault } from './function-log.ts';
import { moduleOptions, moduleUrl } from './module-url.ts';

export interface HeavyWorkerOptions {
  /** All environment variables that the worker sees, except those that depend on this machine. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onReport: (report: FunctionReport) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
}

/** Settings that suit a person at a laptop: short waits, and an end soon after Ctrl-C. */
const LOCAL_SETTINGS: Partial<Record<EnvironmentName, string>> = {
  AUTOSWIFTNET_WORKER_PORT: '0',
  AUTOSWIFTNET_STOP_SECONDS: '2',
  AUTOSWIFTNET_RETRY_SECONDS: '2',
  AUTOSWIFTNET_VISIBILITY_SECONDS: '10',
};

/** After this time the worker is killed, and loses nothing either. */
const GRACE_MS = 2_500;

const RESTART_DELAY_MS = 1_000;

const readySchema = z.looseObject({ message: z.literal('worker ready') });

/**
 * Starts the program of the container as its own process, and again whenever it exits unexpectedly.
 * Resolves once its model is open.
 * @throws {FunctionStartError} when it exits before that
 */
export async function startHeavyWorker(options: HeavyWorkerOptions, closers: Closers): Promise<void> {
  const { onReport, signal } = options;
  const closing = new AbortController();
  let running = run(options);
  closers.push(async () => {
    closing.abort();
    running.child.kill('SIGTERM');
    await Promise.race([running.ended, delay(GRACE_MS, undefined, { ref: false })]);
    running.child.kill('SIGKILL');
    await running.ended;
  });
  const kill = () => void running.child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  await running.ready.finally(() => signal?.removeEventListener('abort', kill));
  void keep();

  async function keep(): Promise<void> {
    while (!closing.signal.aborted) {
      await running.ended;
      if (closing.signal.aborted) return;
      onReport(toFault(new FunctionStartError('the heavy worker exited; it is started again')));
      await delay(RESTART_DELAY_MS, undefined, { signal: closing.signal }).catch(() => {});
      if (!closing.signal.aborted) running = run(options);
    }
  }
}

function run({ environment, onReport }: HeavyWorkerOptions): Running {
  const child = fork(fileURLToPath(moduleUrl('../functions/gpu-worker/main')), [], {
    env: { ...environment, ...LOCAL_SETTINGS },
    execArgv: moduleOptions(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const faults: string[] = [];
  const ended = once(child, 'close').then(
    () => {},
    () => {},
  );
  const ready = new Promise<void>((resolve, reject) => {
    const onLine = (line: string) => {
      if (isReady(line)) return resolve();
      const report = readFunctionLine(line);
      if (report === null) return;
      if (report.kind === 'fault' && report.level === 'error') faults.push(report.text);
      onReport(report);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
    }
    child.on('error', (error) => faults.push(error.message));
    void ended.then(() =>
      reject(new FunctionStartError(`the heavy worker could not start: ${faults[0] ?? 'its process exited'}`)),
    );
  });
  // Only the first start is awaited.
  ready.catch(() => {});
  return { child, ready, ended };
}

function isReady(line: string): boolean {
  if (!line.includes('worker ready')) return false;
  try {
    return readySchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}
