import { readFileSync } from 'node:fs';
import { markdownTable } from './markdown-table.ts';

interface Row {
  readonly format: string;
  readonly kind: string;
  readonly reference: string;
  readonly meanDifference: number;
  readonly largestDifference: number;
  readonly reason?: string;
}

/** Every kind of picture, and how far its crop is from another decoder's. */
export function pictureTable(): string {
  const results = new URL('../../bench/results/pictures.json', import.meta.url);
  const { rows } = JSON.parse(readFileSync(results, 'utf8')) as { readonly rows: readonly Row[] };
  return markdownTable(
    ['format', 'picture', 'compared with', 'mean difference', 'largest'],
    rows.map(({ format, kind, reference, meanDifference, largestDifference, reason }) => [
      format,
      (reason ? `${kind} (${reason})` : kind).replaceAll('*', '\\*'),
      reference,
      meanDifference.toFixed(2),
      String(largestDifference),
    ]),
  );
}
