import { readFileSync } from 'node:fs';

/** The rows of bench/results/tagging.json. */
export type TaggingRow = TimesRow | RatioRow | MemoryRow;

export type Version = 'before' | 'after';

/** Medians over images, or over batches divided by their size. */
export interface TimesRow {
  readonly what: string;
  readonly version: Version;
  readonly images: number;
  readonly wallMs: number;
  readonly processorMs: number;
  readonly waitMs: number;
  /** Calls of one image, such as `s3:GetObject`. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Medians over pairs of the same round. */
export interface RatioRow {
  readonly what: string;
  readonly wallRatio: number;
  readonly processorRatio: number;
}

export interface MemoryRow {
  readonly what: string;
  readonly version: Version;
  /** Size of the largest picture. */
  readonly megabytes: number;
  /** The most memory that the process had resident. */
  readonly peakMb: number;
}

export function readTaggingRows(): TaggingRow[] {
  return JSON.parse(readFileSync(new URL('results/tagging.json', import.meta.url), 'utf8')).rows;
}
