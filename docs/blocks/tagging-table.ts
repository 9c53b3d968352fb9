import { type MemoryRow, readTaggingRows, type TimesRow } from '../../bench/tagging-rows.ts';
import { markdownTable } from './markdown-table.ts';

/**
 * Makes the table of what an upload takes, before and after messages and calls waited side by side.
 */
export function taggingTable(): string {
  const rows = readTaggingRows();
  const times = rows.filter((row): row is TimesRow => 'wallMs' in row);
  const memory = rows.filter((row): row is MemoryRow => 'peakMb' in row);
  const pairs = [
    ...namesOf(times).flatMap((what) => [
      pair(`${what}: time`, times, what, ({ wallMs }) => `${wallMs} ms`),
      pair(`${what}: its own processor time`, times, what, ({ processorMs }) => `${processorMs} ms`),
      pair(`${what}: the rest, which is waiting`, times, what, ({ waitMs }) => `${waitMs} ms`),
    ]),
    pair('calls of an image', times, namesOf(times)[0] ?? '', ({ calls }) => describeCalls(calls)),
    ...namesOf(memory).map((what) => pair(`${what}: peak memory`, memory, what, ({ peakMb }) => `${peakMb} MB`)),
  ];
  return markdownTable(['what', 'before', 'after'], pairs);
}

function namesOf(rows: readonly { readonly what: string }[]): string[] {
  return [...new Set(rows.map(({ what }) => what))];
}

function pair<Row extends TimesRow | MemoryRow>(
  title: string,
  rows: readonly Row[],
  what: string,
  cell: (row: Row) => string,
): string[] {
  const cells = (['before', 'after'] as const).map((version) => {
    const found = rows.find((row) => row.what === what && row.version === version);
    return found === undefined ? '' : cell(found);
  });
  return [title, ...cells];
}

function describeCalls(calls: TimesRow['calls']): string {
  const made = Object.entries(calls).filter(([, count]) => count > 0);
  const total = made.reduce((sum, [, count]) => sum + count, 0);
  return `${total}: ${made.map(([name, count]) => `${name.replace(/^\w+:/, '')} ${count}`).join(', ')}`;
}
