import { readFileSync } from 'node:fs';
import type { LoadSummary, Rest } from '../../bench/load/recorder.ts';
import { markdownTable } from './markdown-table.ts';

/** What the runs are called, by their program in bench/load/. */
const RUNS = {
  uploads: 'uploads, 64 always under way',
  heavy: 'the heavy worker, 500 images always in its queue',
  api: 'the API, 64 clients',
};

type Memory = Pick<Rest, 'anonymousMb' | 'openFiles'>;

/** A run of before the rests came has medians of the first and the last tenth of its time. */
type Summary = LoadSummary | (Omit<LoadSummary, 'rests'> & { readonly early: Memory; readonly late: Memory });

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
      const { summary } = JSON.parse(readFileSync(path, 'utf8')) as { summary: Summary };
      const [first, last] =
        'rests' in summary ? [summary.rests[0], summary.rests.at(-1)] : [summary.early, summary.late];
      return [
        `[${what}](../bench/results/load-${program}.svg)`,
        ...[summary.done, Math.round(summary.seconds)].map((count) => count.toLocaleString('en-US')),
        String(Math.round(summary.perSecond)),
        ...[summary.p50Ms, summary.p99Ms].map((ms) => `${(ms / 1000).toFixed(1)} s`),
        String(summary.errors),
        `${first?.openFiles} → ${last?.openFiles}`,
        `${first?.anonymousMb} → ${last?.anonymousMb} MB`,
      ];
    }),
  );
}
