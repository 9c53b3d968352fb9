import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processorMs, residentMb } from './process-usage.ts';
import type { Result } from './tally.ts';

/** What a process may use for one input. */
export interface Bounds {
  /** Processor time in milliseconds. Unlike the wall clock it does not run while others compute. */
  readonly cpuMs: number;
  /** Wall time in milliseconds, for an input that waits and uses no processor time. */
  readonly wallMs: number;
  /** Resident memory of the process, in megabytes. */
  readonly memoryMb: number;
}

export interface Watched {
  readonly kind: string;
  readonly seed: number;
  /** The first index. */
  readonly from: number;
  /** The index after the last. */
  readonly to: number;
  readonly bounds: Bounds;
  /** Where inputs that were answered wrongly, or not at all, are kept. It is made when needed. */
  readonly found: string;
  /** Where the processes have their folders. */
  readonly temporary: string;
  readonly onResult: (result: Result) => void;
  /** The program to watch. Default: child.ts. */
  readonly program?: string;
}

const PROGRAM = fileURLToPath(new URL('child.ts', import.meta.url));
const LOOK_EVERY_MS = 200;
/** Starting takes longer than any input: sources are compiled, services started, pictures drawn. */
const START_MS = 900_000;

/** What a process says before it makes its first input. */
export const READY = 'ready';

/** What the watcher says of an input whose process ended or had to be ended. */
const [CRASHED, HUNG, GREW] = ['crash', 'hang', 'memory'] as const;

/**
 * Tries inputs in a process that may crash, hang or fill the memory. It is ended if it exceeds a
 * bound. After its end another one goes on behind the input that it was at.
 */
export async function watch(watched: Watched): Promise<void> {
  for (let next = watched.from; next < watched.to; ) next = await watchOne(watched, next);
}

/** Watches one process. Returns the index at which another one has to go on. */
async function watchOne(watched: Watched, from: number): Promise<number> {
  const { kind, seed, to, bounds, found, temporary, onResult, program = PROGRAM } = watched;
  const folder = await mkdtemp(join(temporary, 'autoswiftnet-hostile-'));
  const child = fork(program, [kind, String(seed), String(from), String(to), folder], {
    execArgv: program.endsWith('.ts') ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const printed: Buffer[] = [];
  child.stderr?.on('data', (text: Buffer) => printed.push(text));
  const keep = async (name: string, index: number) => {
    await mkdir(found, { recursive: true });
    await copyFile(join(folder, name), join(found, `${kind}-${seed}-${index}`)).catch(() => undefined);
  };
  let next = from;
  const guard = startGuard(child, bounds);
  const kept: Promise<void>[] = [];
  child.on('message', (result: Result | typeof READY) => {
    guard.onAnswer();
    if (result === READY) return;
    next = result.index + 1;
    if (result.fault !== undefined) kept.push(keep(`input-${result.index}`, result.index));
    onResult(result);
  });
  try {
    const [code, signal] = await once(child, 'close');
    await Promise.all(kept);
    if (next >= to) return next;
    const { reason, cpuMs, peakMb } = guard.end();
    if (!guard.isReady && reason === undefined) {
      throw new Error(`the watched process of ${kind} did not start: ${Buffer.concat(printed)}`);
    }
    await keep('input', next);
    const fault = reason ?? `it ended with code ${code}, signal ${signal}: ${Buffer.concat(printed).subarray(-500)}`;
    onResult({ index: next, mutation: 'unknown', outcome: guard.outcome ?? CRASHED, fault, cpuMs, peakMb });
    return next + 1;
  } finally {
    guard.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ends a process that exceeds a bound. */
function startGuard(child: ChildProcess, { cpuMs, wallMs, memoryMb }: Bounds) {
  const pid = child.pid ?? 0;
  const state = { isReady: false, outcome: undefined as string | undefined };
  let since = performance.now();
  let cpuBefore = 0;
  let [usedMs, peakMb] = [0, 0];
  let reason: string | undefined;
  const kill = (outcome: string, why: string) => {
    reason ??= why;
    state.outcome ??= outcome;
    child.kill('SIGKILL');
  };
  const timer = setInterval(() => {
    const waited = performance.now() - since;
    usedMs = processorMs(pid) - cpuBefore;
    peakMb = Math.max(peakMb, residentMb(pid));
    if (state.isReady && usedMs > cpuMs) kill(HUNG, `no answer after ${Math.round(usedMs)} ms of processor time`);
    if (waited > (state.isReady ? wallMs : START_MS)) kill(HUNG, `no answer after ${Math.round(waited)} ms`);
    if (peakMb > memoryMb) kill(GREW, `the process held ${Math.round(peakMb)} MB`);
  }, LOOK_EVERY_MS);
  return Object.assign(state, {
    onAnswer() {
      state.isReady = true;
      since = performance.now();
      cpuBefore = processorMs(pid);
      peakMb = 0;
    },
    end() {
      clearInterval(timer);
      return { reason, cpuMs: usedMs, peakMb };
    },
  });
}
