import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { resultsFolder, writeResults } from '../report.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type Chart, lineCharts } from './line-charts.ts';
import { readTree, type TreeReading, treeOf } from './process-tree.ts';
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

/** What is left when there is nothing to do, and garbage is collected. */
export interface Rest extends TreeReading {
  /** Answers before. */
  readonly done: number;
}

export interface LoadSummary {
  readonly done: number;
  /** Without the rests. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly rests: readonly Rest[];
  /** Anonymous memory at the last rest, divided by that at the first; null with fewer than two. */
  readonly memoryGrowth: number | null;
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
  /** How long the stack has nothing to do before garbage is collected. Default: 10 s. */
  readonly restMs?: number | undefined;
  /** Makes a process collect. Default: through its debugger. */
  readonly collect?: ((pid: number) => Promise<void>) | undefined;
  /** Prints each row. Default: to stdout. */
  readonly print?: ((row: string) => void) | undefined;
}

export interface Recorder {
  readonly done: number;
  onAnswer(milliseconds: number): void;
  /** @param what is counted by its text */
  onError(what: string): void;
  /**
   * Notes what the stack holds when there is nothing to do. Without this, its memory goes up and
   * down by 120 MB: V8 lets a heap of 35 MB grow to as much as 155 before it collects.
   */
  rest(): Promise<void>;
  /** Writes the last row. */
  end(): Promise<LoadSummary>;
}

const INTERVAL_MS = 5_000;
const REST_MS = 10_000;
/** V8 keeps pages that a collection has emptied for seconds, and some until the next. */
const COLLECTIONS = 2;

/**
 * Notes answers, errors, memory and open files, and writes a row for each interval. Table and plot
 * are written anew with each row, so that a run that is stopped leaves a result.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { name, title, pid, about, intervalMs = INTERVAL_MS, restMs = REST_MS, collect = collectGarbage } = options;
  const print = options.print ?? console.log;
  const folder = options.folder ?? resultsFolder;
  const rows: LoadRow[] = [];
  const all: number[] = [];
  const errors = new Map<string, number>();
  const rests: Rest[] = [];
  const ending = new AbortController();
  let lately: number[] = [];
  // The clock stands still during a rest.
  let start = performance.now();
  let rowAt = 0;
  let isResting = false;

  async function addRow(): Promise<void> {
    const now = performance.now() - start;
    const errorCount = [...errors.values()].reduce((sum, count) => sum + count, 0);
    const milliseconds = (share: number) => (lately.length === 0 ? null : Math.round(quantile(lately, share)));
    const row: LoadRow = {
      seconds: tenths(now / 1000),
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
    const summary = { ...summarize(rows, all, rests), errorsByText: Object.fromEntries(errors) };
    await writeResults(name, { ...about, summary, rows }, { folder });
    await writeFile(join(folder, `${name}.svg`), plot(title, rows));
  }

  async function addRows(): Promise<void> {
    while (!ending.signal.aborted) {
      await delay(intervalMs, undefined, { signal: ending.signal }).catch(() => {});
      if (!isResting) await addRow();
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
    async rest() {
      const began = performance.now();
      isResting = true;
      for (let collection = 0; collection < COLLECTIONS; collection += 1) {
        await delay(restMs);
        for (const one of treeOf(pid)) await collect(one);
      }
      await delay(restMs);
      const rest = { done: all.length, ...readTree(pid) };
      rests.push(rest);
      print(JSON.stringify({ rest }));
      start += performance.now() - began;
      isResting = false;
    },
    async end() {
      ending.abort();
      await adding;
      return summarize(rows, all, rests);
    },
  };
}

/** @param times milliseconds of all answers */
function summarize(rows: readonly LoadRow[], times: readonly number[], rests: readonly Rest[]): LoadSummary {
  const last = rows.at(-1);
  const [first, end] = [rests[0], rests.at(-1)];
  return {
    done: times.length,
    seconds: last?.seconds ?? 0,
    perSecond: tenths(times.length / (last?.seconds ?? Number.NaN)),
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    errors: last?.errors ?? 0,
    rests,
    memoryGrowth:
      first === undefined || end === undefined || first === end
        ? null
        : Number((end.anonymousMb / first.anonymousMb).toFixed(3)),
  };
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
