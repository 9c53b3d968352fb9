import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it has started, as they are now. */
export interface TreeReading {
  readonly processes: number;
  /** Sum over the processes. A page that several share counts for each. */
  readonly residentMb: number;
  /** The part of the resident memory that is no file: what a leak would add to. */
  readonly anonymousMb: number;
  /** Descriptors: files, sockets and pipes. */
  readonly openFiles: number;
}

const KB_PER_MB = 1024;

/** Reads `/proc`, so Linux only. A process that ends meanwhile counts nothing. */
export function readTree(pid: number): TreeReading {
  const readings = treeOf(pid).flatMap((one) => readProcess(one) ?? []);
  const sum = (name: 'residentKb' | 'anonymousKb' | 'openFiles') =>
    readings.reduce((total, reading) => total + reading[name], 0);
  return {
    processes: readings.length,
    residentMb: Math.round(sum('residentKb') / KB_PER_MB),
    anonymousMb: Math.round(sum('anonymousKb') / KB_PER_MB),
    openFiles: sum('openFiles'),
  };
}

/** The process and its descendants. */
export function treeOf(pid: number): number[] {
  const children = orNull(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return [
    pid,
    ...children
      .flatMap((thread) =>
        (orNull(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')) ?? '').split(' '),
      )
      .filter((text) => text.trim() !== '')
      .flatMap((text) => treeOf(Number(text))),
  ];
}

function readProcess(pid: number) {
  return orNull(() => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return {
      residentKb: kb('VmRSS'),
      anonymousKb: kb('RssAnon'),
      openFiles: readdirSync(`/proc/${pid}/fd`).length,
    };
  });
}

/** @returns null when the process has ended */
function orNull<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch {
    return null;
  }
}
