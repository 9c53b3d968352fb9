import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second (USER_HZ), whatever the machine. */
const MS_PER_TICK = 10;
const KB_PER_MB = 1024;
/** Fields of /proc/PID/stat behind the name of the program (proc(5)): user and system time. */
const [USER, SYSTEM] = [11, 12];

/** Returns the processor time that a process has used, in ms. Linux only; 0 elsewhere. */
export function processorMs(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[USER] ?? 0) + Number(fields[SYSTEM] ?? 0)) * MS_PER_TICK;
}

/** Returns the resident memory of a process in megabytes. Linux only; 0 elsewhere. */
export function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / KB_PER_MB;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
