import { readFileSync } from 'node:fs';
import { markdownTable } from './markdown-table.ts';

/** A row of bench/results/cold-start.json: medians, and the median of the ratios of the pairs. */
interface ColdStartRow {
  readonly what: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly ratio: number;
}

/** Makes the table of the tagging function's cold start, of an earlier bundle and the present one. */
export function coldStartTable(): string {
  const file = new URL('../../bench/results/cold-start.json', import.meta.url);
  const rows: readonly ColdStartRow[] = JSON.parse(readFileSync(file, 'utf8')).rows;
  return markdownTable(
    ['what', 'earlier', 'now', 'now / earlier'],
    rows.map(({ what, beforeMs, afterMs, ratio }) => [what, `${beforeMs} ms`, `${afterMs} ms`, String(ratio)]),
  );
}
