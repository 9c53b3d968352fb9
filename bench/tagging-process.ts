import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SQSEvent } from 'aws-lambda';
import { functionEnvironment } from '../local/function-environment.ts';
import type { FaultPlan } from '../test/faults/fault-plan.ts';
import type { BootServices } from '../test/infra/boot/services.ts';

export interface TaggingOptions {
  /** Stands for this process among the counted calls. */
  readonly name: string;
  /** Path of the bundled module. */
  readonly bundle: string;
  readonly packageDir: string;
  readonly services: BootServices;
  readonly plan: FaultPlan;
}

/** What one batch took. */
export interface Handled {
  readonly wallMs: number;
  /** Processor time of the process alone. */
  readonly cpuMs: number;
  /** The same since the process started. */
  readonly startedCpuMs: number;
  /** The most memory that the process had resident, until now. */
  readonly peakMb: number;
  /** How often each operation was called. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The tagging function in a process of its own, on a core of its own. */
export interface TaggingProcess {
  /** Processor time from the start of the process until the function could be called. */
  readonly initCpuMs: number;
  handle(event: SQSEvent): Promise<Handled>;
  close(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('tagging-function.mjs', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const CORE = 0;

export async function startTagging(options: TaggingOptions): Promise<TaggingProcess> {
  const { name, bundle, packageDir, services, plan } = options;
  const { endpoints } = await services.proxiesFor(name, plan);
  const { resultsTopicArn } = services;
  const pinned = cpus().length > 1 ? ['taskset', '-c', String(CORE)] : [];
  const [program = '', ...rest] = [...pinned, process.execPath, CHILD, bundle];
  const child = spawn(program, rest, {
    env: {
      ...functionEnvironment({ variables: process.env, packageDir, endpoints, resultsTopicArn, heavy: null }),
      NODE_PATH: MODULES,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  const answer = async () => {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    if (message === null || typeof message !== 'object') throw new Error(`the function ended (${message})`);
    return message;
  };
  const { startedCpuMs: initCpuMs } = await answer();
  return {
    initCpuMs,
    async handle(event) {
      const before = new Map(services.calls.get(name));
      child.send(event);
      const { wallMs, cpuMs, startedCpuMs, peakMb, failures } = await answer();
      if (failures > 0) throw new Error(`${failures} of ${event.Records.length} messages failed`);
      const calls = [...(services.calls.get(name) ?? [])].map(([call, count]) => [
        call,
        count - (before.get(call) ?? 0),
      ]);
      return { wallMs, cpuMs, startedCpuMs, peakMb, calls: Object.fromEntries(calls) };
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
