import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../classifier/message-of.ts';
import type { GpuCase, GpuRow } from './gpu-case.ts';

type Add = (row: GpuRow) => Promise<void>;

export interface PythonOptions {
  readonly checkpoint: string;
  readonly pixels: string;
  readonly reference: string;
  /** `mode:batch`, see bench/gpu-pytorch.py. */
  readonly cases: readonly string[];
  readonly device: string;
}

type ProcessCase = Pick<GpuCase, 'architecture' | 'precision' | 'tf32' | 'variant' | 'profile'>;

const PYTORCH = fileURLToPath(new URL('gpu-pytorch.py', import.meta.url));
/** One case that hangs must not take the time of the others. */
const CASE_LIMIT_MS = 90_000;
/** PyTorch compiles up to five times in one process. */
const PYTORCH_LIMIT_MS = 240_000;
/** The error of what was not measured because the time was over. */
export const NO_TIME = 'not measured: the minutes are over';

/**
 * Runs one case in a process of its own, which sends its rows.
 * @param program usually the one that is running
 * @param deadline epoch milliseconds; the process is killed then, or after a minute and a half
 */
export async function runNode(
  program: string,
  { architecture, precision, tf32, variant, profile }: ProcessCase,
  args: readonly string[],
  deadline: number,
  add: Add,
): Promise<void> {
  const about = { runtime: 'onnxruntime', architecture, precision, tf32, ...(variant ? { variant } : {}) } as const;
  const fail = (error: string) => add({ ...about, what: profile ? 'profile' : 'case', error });
  const left = Math.min(deadline - Date.now(), CASE_LIMIT_MS);
  if (left <= 0) return fail(NO_TIME);
  const child = fork(program, args, {
    env: {
      ...process.env,
      NVIDIA_TF32_OVERRIDE: tf32 ? '1' : '0',
      ...(profile ? { CUDA_LAUNCH_BLOCKING: '1' } : {}),
    },
    timeout: left,
    killSignal: 'SIGKILL',
  });
  let written: Promise<void> = Promise.resolve();
  child.on('message', (row) => {
    written = written.then(() => add(row as GpuRow));
  });
  const [code, signal] = await once(child, 'close');
  await written;
  if (code !== 0) await fail(Date.now() < deadline ? `the process ended (${signal ?? code})` : NO_TIME);
}

/**
 * Runs a program that prints nothing, and waits for it.
 * @throws {Error} with the last line of its errors when it fails
 */
export async function runQuietly(program: string, args: readonly string[]): Promise<void> {
  const child = fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const [errors, [code, signal]] = await Promise.all([lastLine(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(errors || `the process ended (${signal ?? code})`);
}

/**
 * Measures PyTorch with the same weights, if python3 has it. Each row is added when it is printed.
 */
export async function runPython(
  architecture: string,
  { checkpoint, pixels, reference, cases, device }: PythonOptions,
  deadline: number,
  add: Add,
): Promise<void> {
  const about = { runtime: 'pytorch', architecture, precision: 'fp16' } as const;
  const left = Math.min(deadline - Date.now(), PYTORCH_LIMIT_MS);
  if (left <= 0) return add({ ...about, what: 'case', error: NO_TIME });
  const child = spawn('python3', [PYTORCH, checkpoint, architecture, pixels, reference, device, ...cases], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: left,
    killSignal: 'SIGKILL',
  });
  const closed = once(child, 'close').catch((error) => [messageOf(error)]);
  const errors = lastLine(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) await add({ ...about, ...JSON.parse(line) });
  }
  const [code] = await closed;
  if (code === 0) return;
  const reason = (await errors) || `the process ended (${child.signalCode ?? code})`;
  await add({ ...about, what: 'case', error: Date.now() < deadline ? reason : NO_TIME });
}

async function lastLine(stream: Readable | null): Promise<string> {
  let last = '';
  if (stream) for await (const line of createInterface({ input: stream })) last = line.trim() || last;
  return last;
}
