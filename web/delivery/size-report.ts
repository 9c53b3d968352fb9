import { gzipSync } from 'node:zlib';
import type { PageFile } from './page-file.ts';

/** Limit for all files of the page together, gzipped. This is the most that a first visit loads. */
export const PAGE_BUDGET_BYTES = 60_000;

export interface SizeReport {
  /** One line per file and one for the total. */
  readonly lines: readonly string[];
  readonly totalGzipBytes: number;
}

const COLUMN = 9;

export function sizeReport(files: readonly PageFile[]): SizeReport {
  const sizes = files.map(({ path, body }) => ({ path, bytes: body.byteLength, gzip: gzipSync(body).byteLength }));
  const total = {
    path: 'all',
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    gzip: sizes.reduce((sum, { gzip }) => sum + gzip, 0),
  };
  const lines = [...sizes, total].map(
    ({ path, bytes, gzip }) => `${String(bytes).padStart(COLUMN)} ${String(gzip).padStart(COLUMN)} gzipped  ${path}`,
  );
  return { lines, totalGzipBytes: total.gzip };
}
