import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../classifier/message-of.ts';
import type { GpuCase, GpuRow } from './gpu-case.ts';

type Add = (row: GpuRow) => Promise<void>;

export interface PythonOptions {
  readonly checkpoint: string;
  readonly pixels: string;
  readonly reference: string;
  readonly batches: readonly number[];
  readonly device: string;
}

const PYTORCH = fileURLToPath(new URL('gpu-pytorch.py', import.meta.url));
/** The error of what was not measured because the time was over. */
export const NO_TIME = 'not measured: the minutes are over';

/**
 * Runs one case in a process of its own, which sends its rows.
 * @param program usually the one that is running
 * @param deadline epoch milliseconds; the process is killed then
 */
export async function runNode(
  program: string,
  { architecture, precision, tf32 }: Pick<GpuCase, 'architecture' | 'precision' | 'tf32'>,
  args: readonly string[],
  deadline: number,
  add: Add,
): Promise<void> {
  const about = { runtime: 'onnxruntime', architecture, precision, tf32, what: 'case' } as const;
  const left = deadline - Date.now();
  if (left <= 0) return add({ ...about, error: NO_TIME });
  const child = fork(program, args, {
    env: { ...process.env, NVIDIA_TF32_OVERRIDE: tf32 ? '1' : '0' },
    timeout: left,
    killSignal: 'SIGKILL',
  });
  let written: Promise<void> = Promise.resolve();
  child.on('message', (row) => {
    written = written.then(() => add(row as GpuRow));
  });
  const [code, signal] = await once(child, 'close');
  await written;
  if (code !== 0)
    await add({ ...about, error: Date.now() < deadline ? `the process ended (${signal ?? code})` : NO_TIME });
}

/** Measures PyTorch with the same weights, if python3 has it. */
export async function runPython(
  architecture: string,
  { checkpoint, pixels, reference, batches, device }: PythonOptions,
  deadline: number,
  add: Add,
): Promise<void> {
  const about = { runtime: 'pytorch', architecture, precision: 'fp16' } as const;
  const left = deadline - Date.now();
  if (left <= 0) return add({ ...about, what: 'case', error: NO_TIME });
  const args = [PYTORCH, checkpoint, architecture, pixels, reference, device, ...batches.map(String)];
  let printed = '';
  try {
    printed = (await promisify(execFile)('python3', args, { timeout: left, killSignal: 'SIGKILL' })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    printed = stdout;
    const reason = stderr.trim().split('\n').at(-1) || messageOf(error);
    await add({ ...about, what: 'case', error: Date.now() < deadline ? reason : NO_TIME });
  }
  for (const line of printed.split('\n').filter(Boolean)) await add({ ...about, ...JSON.parse(line) });
}
