/** What Linux and the NVIDIA driver say of running processes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Linux reports processor time in hundredths of a second to every program. */
const MS_PER_TICK = 10;
const KB_PER_MB = 1024;

/** Returns a process and those that its main thread has started and that are alive. */
export function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return [pid, ...children.filter((text) => text.trim() !== '').map(Number)];
}

/** Returns the processor milliseconds that a process has used, in all its threads. */
export function processorMs(pid: number): number {
  return ticksOf(`/proc/${pid}/stat`) * MS_PER_TICK;
}

/** Returns the processor milliseconds of the thread that runs a program's JavaScript. */
export function mainThreadMs(pid: number): number {
  return ticksOf(`/proc/${pid}/task/${pid}/stat`) * MS_PER_TICK;
}

/** Returns the resident memory of a process, MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / KB_PER_MB);
}

/** Returns the memory in use on the card, of all processes, MiB; null without an NVIDIA card. */
export async function gpuMemoryMib(): Promise<number | null> {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
  return promisify(execFile)('nvidia-smi', query).then(
    ({ stdout }) => Number.parseInt(stdout, 10),
    () => null,
  );
}

function ticksOf(path: string): number {
  const text = readFileSync(path, 'utf8');
  // The name in parentheses may hold spaces. utime and stime are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
