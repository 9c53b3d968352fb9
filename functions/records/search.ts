import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { LabelShard, type RowPlace } from './label-shard.ts';
import { isSearchable, LABEL_SHARDS, type LabelRow } from './labels.ts';
import { comparePositions } from './position.ts';
import { readRecords } from './read-records.ts';
import type { ImageRecord } from './record.ts';

export interface LabelSearch {
  readonly bucket: string;
  /** Exactly as predictions spell it. */
  readonly label: string;
  /** 0 to 1. */
  readonly minProbability: number;
  /** Images of one page. */
  readonly limit: number;
  /** Where the previous page ended; null: the first page. */
  readonly after: RowPlace | null;
}

/** An image with the label that it was found by. */
export interface FoundImage {
  readonly record: ImageRecord;
  readonly rank: number;
  readonly probability: number;
}

export interface FoundPage {
  /** The most probable first. */
  readonly images: readonly FoundImage[];
  /** Where the next page starts; null when there is none. */
  readonly next: RowPlace | null;
  /** Items that were read: rows of the index, and records. */
  readonly reads: number;
}

/** Maximum number of rows that are read from a shard and not used. */
export const MAX_PAGE_ROWS = 10;

/**
 * Finds images by label. It merges the shards' rows in order and compares each row with its image's
 * record: rows are written after the record, and the index follows later. Rows that differ from the
 * record do not count. If no row is out of date, it reads at most twice what it returns and ten
 * rows a shard.
 */
export async function searchByLabel(
  client: DynamoDBDocumentClient,
  tableName: string,
  search: LabelSearch,
): Promise<FoundPage> {
  const { limit, label } = search;
  if (!isSearchable(label)) return { images: [], next: null, reads: 0 };
  const pageSize = Math.min(MAX_PAGE_ROWS, limit);
  const shards = Array.from(
    { length: LABEL_SHARDS },
    (_, shard) => new LabelShard({ ...search, client, tableName, shard, pageSize }),
  );
  const images: FoundImage[] = [];
  let next: RowPlace | null = null;
  let recordReads = 0;
  while (images.length < limit) {
    const { rows, place } = await takeRows(shards, limit - images.length);
    if (place === null) break;
    next = place;
    const ours = rows.filter(({ bucket }) => bucket === search.bucket);
    const records = await readRecords(client, tableName, ours);
    recordReads += ours.length;
    images.push(...ours.flatMap((row) => toFoundImage(row, records.get(row.key))));
  }
  const reads = shards.reduce((sum, shard) => sum + shard.reads, recordReads);
  return { images, next: shards.some(({ hasMore }) => hasMore) ? next : null, reads };
}

/** Returns the next rows in the order of all shards; fewer at the end. */
async function takeRows(
  shards: readonly LabelShard[],
  count: number,
): Promise<{ rows: LabelRow[]; place: RowPlace | null }> {
  const rows: LabelRow[] = [];
  let place: RowPlace | null = null;
  while (rows.length < count) {
    await Promise.all(shards.map((shard) => shard.fill()));
    // The first of the most probable: `shards` is in the order of their numbers.
    const best = shards.reduce((a, b) => ((b.next?.probability ?? -1) > (a.next?.probability ?? -1) ? b : a));
    const row = best.take();
    if (row === undefined) break;
    rows.push(row);
    place = { probability: row.probability, shard: best.shard, key: row.key, rank: row.rank };
  }
  return { rows, place };
}

/**
 * Returns the image if the row belongs to the record's own write and has the record's label at that
 * rank; otherwise nothing. A model may have one label twice (ImageNet: crane); the better rank
 * counts.
 */
function toFoundImage(row: LabelRow, record: ImageRecord | undefined): FoundImage[] {
  if (record === undefined || record.state !== 'tagged' || comparePositions(row, record) !== 0) return [];
  const best = record.predictions.find(({ label }) => label === row.label);
  if (best?.rank !== row.rank) return [];
  return [{ record, rank: row.rank, probability: row.probability }];
}
