import { gzipSync } from 'node:zlib';
import type { PageFile } from './page-file.ts';

/** All files of the page together, gzipped: what a first visit costs at most. */
export const PAGE_BUDGET_BYTES = 60_000;

export interface SizeReport {
  /** One a file and one for all, for people. */
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
