import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resultsFolder, writeResults } from '../report.ts';
import { type Chart, lineCharts } from './line-charts.ts';
import { readTree, type TreeReading } from './process-tree.ts';
import { quantile } from './quantile.ts';

/** What happened in one interval. */
export interface LoadRow extends TreeReading {
  /** Since the beginning. */
  readonly seconds: number;
  /** Answers since the beginning. */
  readonly done: number;
  readonly perSecond: number;
  /** Median of this interval's answers; null if there were none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Since the beginning. */
  readonly errors: number;
}

export interface LoadSummary {
  readonly done: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  /** The first and the last tenth of the rows behind the warm-up: medians. */
  readonly early: Omit<TreeReading, 'processes'>;
  readonly late: Omit<TreeReading, 'processes'>;
  /** Anonymous and resident memory of the last period, divided by those of the first. */
  readonly anonymousGrowth: number;
  readonly residentGrowth: number;
}

export interface RecorderOptions {
  /** Name of the result files: NAME.json and NAME.svg. */
  readonly name: string;
  readonly title: string;
  /** The process whose tree is read. */
  readonly pid: number;
  /** Stands in the results. */
  readonly about: Readonly<Record<string, unknown>>;
  /** Default: bench/results/. */
  readonly folder?: string | undefined;
  /** Default: 5 s. */
  readonly intervalMs?: number | undefined;
  /** Answers of the warm-up. Default 1,000. */
  readonly warmUp?: number | undefined;
  /** Prints each row. Default: to stdout. */
  readonly print?: ((row: string) => void) | undefined;
}

export interface Recorder {
  readonly done: number;
  onAnswer(milliseconds: number): void;
  /** @param what is counted by its text */
  onError(what: string): void;
  /** Writes the last row. */
  end(): Promise<LoadSummary>;
}

const INTERVAL_MS = 5_000;
/** Default of `warmUp`. */
export const WARM_UP_ANSWERS = 1_000;
/**
 * The memory of the local stack goes up and down by 120 MB, because V8 lets a heap of 35 MB grow to
 * as much as 155 before it collects. So medians over some time are compared. Those of 1,000 images
 * differ by 30%, those of 5,000, which are a tenth of a full run, by 5%.
 */
const PERIOD_SHARE = 0.1;

/**
 * Notes answers, errors, memory and open files, and writes a row for each interval. Table and plot
 * are written anew with each row, so that a run that is stopped leaves a result.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { name, title, pid, about, intervalMs = INTERVAL_MS, warmUp = WARM_UP_ANSWERS } = options;
  const print = options.print ?? console.log;
  const folder = options.folder ?? resultsFolder;
  const start = performance.now();
  const rows: LoadRow[] = [];
  const all: number[] = [];
  const errors = new Map<string, number>();
  const ending = new AbortController();
  let lately: number[] = [];
  let rowAt = start;

  async function addRow(): Promise<void> {
    const now = performance.now();
    const errorCount = [...errors.values()].reduce((sum, count) => sum + count, 0);
    const milliseconds = (share: number) => (lately.length === 0 ? null : Math.round(quantile(lately, share)));
    const row: LoadRow = {
      seconds: tenths((now - start) / 1000),
      done: all.length,
      perSecond: tenths(lately.length / ((now - rowAt) / 1000)),
      p50Ms: milliseconds(0.5),
      p99Ms: milliseconds(0.99),
      errors: errorCount,
      ...readTree(pid),
    };
    rows.push(row);
    lately = [];
    rowAt = now;
    print(JSON.stringify(row));
    const summary = { ...summarize(rows, all, warmUp), errorsByText: Object.fromEntries(errors) };
    await writeResults(name, { ...about, summary, rows }, { folder });
    await writeFile(join(folder, `${name}.svg`), plot(title, rows));
  }

  async function addRows(): Promise<void> {
    while (!ending.signal.aborted) {
      await delay(intervalMs, undefined, { signal: ending.signal }).catch(() => {});
      await addRow();
    }
  }
  const adding = addRows();

  return {
    get done() {
      return all.length;
    },
    onAnswer(milliseconds) {
      all.push(milliseconds);
      lately.push(milliseconds);
    },
    onError(what) {
      errors.set(what, (errors.get(what) ?? 0) + 1);
    },
    async end() {
      ending.abort();
      await adding;
      return summarize(rows, all, warmUp);
    },
  };
}

/** @param times milliseconds of all answers */
export function summarize(rows: readonly LoadRow[], times: readonly number[], warmUp: number): LoadSummary {
  const last = rows.at(-1);
  const warm = rows.filter(({ done }) => done >= warmUp);
  const period = Math.max(1, Math.round(warm.length * PERIOD_SHARE));
  const [early, late] = [medians(warm.slice(0, period)), medians(warm.slice(-period))];
  return {
    done: times.length,
    seconds: last?.seconds ?? 0,
    perSecond: tenths(times.length / (last?.seconds ?? Number.NaN)),
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    errors: last?.errors ?? 0,
    early,
    late,
    anonymousGrowth: Number((late.anonymousMb / early.anonymousMb).toFixed(3)),
    residentGrowth: Number((late.residentMb / early.residentMb).toFixed(3)),
  };
}

function medians(rows: readonly LoadRow[]) {
  const median = (name: 'residentMb' | 'anonymousMb' | 'openFiles') =>
    quantile(
      rows.map((row) => row[name]),
      0.5,
    );
  return { residentMb: median('residentMb'), anonymousMb: median('anonymousMb'), openFiles: median('openFiles') };
}

function plot(title: string, rows: readonly LoadRow[]): string {
  const line = (name: keyof LoadRow, text: string) => ({
    name: text,
    values: rows.map((row) => row[name] ?? Number.NaN),
  });
  const charts: Chart[] = [
    { title: 'answers per second', lines: [line('perSecond', 'per second')] },
    { title: 'ms to the answer', lines: [line('p50Ms', 'median'), line('p99Ms', '99%')] },
    {
      title: 'memory of all processes, MB',
      lines: [line('residentMb', 'resident'), line('anonymousMb', 'anonymous')],
    },
    { title: 'open files of all processes', lines: [line('openFiles', 'open files')] },
    { title: 'errors since the beginning', lines: [line('errors', 'errors')] },
  ];
  return lineCharts(title, { name: 'answers since the beginning', values: rows.map(({ done }) => done) }, charts);
}

function tenths(value: number): number {
  return Number(value.toFixed(1));
}
