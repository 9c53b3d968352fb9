import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type IndexShard, takeRows } from './index-shard.ts';
import { isIndexKey, labelShards } from './label-shards.ts';
import type { LabelRow } from './labels.ts';
import { type Match, matchRow, type SearchSource } from './match-row.ts';
import { openLabelShard, type RowPlace } from './open-label-shard.ts';
import { readRecords } from './read-records.ts';
import type { ImageRecord } from './record.ts';

export interface LabelSearch {
  readonly bucket: string;
  /** Images of any of these are found, each once. At most MAX_SOURCES, of different ids. */
  readonly sources: readonly SearchSource[];
  /** 0 to 1. */
  readonly minProbability: number;
  /** Images of one page. */
  readonly limit: number;
  /** Where the previous page ended; null: the first page. */
  readonly after: RowPlace | null;
}

export interface FoundImage extends Match {
  readonly record: ImageRecord;
}

export interface FoundPage {
  /** The most probable first. */
  readonly images: readonly FoundImage[];
  /** Where the next page starts; null when there is none. */
  readonly next: RowPlace | null;
  /** Items that were read: rows of the index, and records. */
  readonly reads: number;
}

/** Most sources of a search. Each has four shards, which are read side by side. */
export const MAX_SOURCES = 100;

/** Maximum number of rows that are read from a shard and not used. */
export const MAX_PAGE_ROWS = 10;

/** Rows that are looked at together where most of them may not count. */
const NARROW_BATCH_ROWS = 100;

/** A page ends after about so many rows, however few of them count: a request has 30 s. */
export const MAX_PAGE_LOOKS = 300;

/**
 * Finds images by label or concept. It merges the rows of all shards in order and compares each
 * with its image's record: rows are written after the record, and the index follows later. Rows
 * that differ from the record do not count. If no row is out of date, a search for one label reads
 * at most twice what it returns and ten rows a shard. One within a search concept reads the rows of
 * that concept, so its pages may be short.
 */
export async function searchByLabel(
  client: DynamoDBDocumentClient,
  tableName: string,
  search: LabelSearch,
): Promise<FoundPage> {
  const { bucket, sources, limit, minProbability } = search;
  const shards = openShards(client, tableName, search);
  const isNarrow = sources.some(({ within }) => within !== null);
  const images: FoundImage[] = [];
  let next: RowPlace | null = null;
  let looks = 0;
  let recordReads = 0;
  let isAtEnd = shards.length === 0;
  while (!isAtEnd && images.length < limit && looks < MAX_PAGE_LOOKS) {
    const wanted = limit - images.length;
    const count = isNarrow ? Math.max(wanted, NARROW_BATCH_ROWS) : wanted;
    const taken = await takeRows(shards, count, (a, b) => a.probability > b.probability);
    const ours = taken.map(({ row }) => row).filter((row) => row.bucket === bucket);
    const records = await readRecords(client, tableName, ours);
    recordReads += ours.length;
    let used = 0;
    for (const { row, shard } of taken) {
      if (images.length === limit) break;
      const record = row.bucket === bucket ? records.get(row.key) : undefined;
      const match = record && matchRow(row, record, sources, minProbability);
      if (record && match) images.push({ record, ...match });
      next = { probability: row.probability, shard, key: row.key, rank: row.rank };
      used += 1;
    }
    looks += used;
    isAtEnd = used === taken.length && !shards.some(({ hasMore }) => hasMore);
  }
  const reads = shards.reduce((sum, shard) => sum + shard.reads, recordReads);
  return { images, next: isAtEnd ? null : next, reads };
}

function openShards(client: DynamoDBDocumentClient, tableName: string, search: LabelSearch): IndexShard<LabelRow>[] {
  const pageSize = Math.min(MAX_PAGE_ROWS, search.limit);
  return search.sources
    .flatMap(({ id }) => (isIndexKey(id) ? labelShards(id) : []))
    .flatMap(
      (labelShard, shard) => openLabelShard({ ...search, client, tableName, labelShard, shard, pageSize }) ?? [],
    );
}
