import { readFileSync } from 'node:fs';
import { type LoadRow, type LoadSummary, summarize, WARM_UP_ANSWERS } from '../../bench/load/recorder.ts';
import { markdownTable } from './markdown-table.ts';

/** What the runs are called, by their program in bench/load/. */
const RUNS = {
  uploads: 'uploads, 64 always under way',
  heavy: 'the heavy worker, 500 images always in its queue',
  api: 'the API, 64 clients',
};

interface Results {
  readonly summary: LoadSummary;
  readonly rows: readonly LoadRow[];
}

/** Makes the table of the last run of each load. */
export function loadTable(): string {
  const headings = [
    'what',
    'answers',
    'seconds',
    'per second',
    'median',
    '99% under',
    'errors',
    'open files',
    'memory',
  ];
  return markdownTable(
    headings,
    Object.entries(RUNS).map(([program, what]) => {
      const path = new URL(`../../bench/results/load-${program}.json`, import.meta.url);
      const { summary, rows } = JSON.parse(readFileSync(path, 'utf8')) as Results;
      const { early, late } = summarize(rows, [], WARM_UP_ANSWERS);
      return [
        `[${what}](../bench/results/load-${program}.svg)`,
        ...[summary.done, Math.round(summary.seconds)].map((count) => count.toLocaleString('en-US')),
        String(Math.round(summary.perSecond)),
        ...[summary.p50Ms, summary.p99Ms].map((ms) => `${(ms / 1000).toFixed(1)} s`),
        String(summary.errors),
        `${early.openFiles} → ${late.openFiles}`,
        `${early.anonymousMb} → ${late.anonymousMb} MB`,
      ];
    }),
  );
}
