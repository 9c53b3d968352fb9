import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { bucketShards } from './bucket-shards.ts';
import { IndexShard, takeRows } from './index-shard.ts';
import { parseItem } from './parse-item.ts';
import { readRecords } from './read-records.ts';
import type { ImageRecord } from './record.ts';
import { IMAGE_SORT_KEY, imagePartition } from './store.ts';
import { TABLE_SCHEMA } from './table-schema.ts';

/**
 * A place in the order of a bucket's images: by falling time, then by shard, then in the index's
 * order.
 */
export interface TimePlace {
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  readonly shard: number;
  readonly key: string;
}

export interface NewestImages {
  readonly bucket: string;
  /** Images of one page. */
  readonly limit: number;
  /** Where the previous page ended; null: the first page. */
  readonly after: TimePlace | null;
}

export interface NewestPage {
  /** The newest first. */
  readonly records: readonly ImageRecord[];
  /** Where the next page starts; null when there is none. */
  readonly next: TimePlace | null;
  /** Items that were read: rows of the index, and records. */
  readonly reads: number;
}

/** A row of the index by time, which holds keys only. */
type TimeRow = z.output<typeof timeRowSchema>;

/** Maximum number of rows that one query reads. About as many fit into the 4 kB of a read unit. */
export const MAX_SHARD_ROWS = 25;

const timeRowSchema = z.object({ pk: z.string(), lastModified: z.string() });

/**
 * Lists the records of a bucket, those of the objects first that were written last. It merges the
 * shards' rows in order and compares each with its record, because the index follows the table
 * later. A row that differs from the record does not count.
 */
export async function listNewest(
  client: DynamoDBDocumentClient,
  tableName: string,
  page: NewestImages,
): Promise<NewestPage> {
  const { bucket, limit } = page;
  const shards = bucketShards(bucket).map((_, shard) => openShard(client, tableName, shard, page));
  const records: ImageRecord[] = [];
  let next: TimePlace | null = null;
  let recordReads = 0;
  while (records.length < limit) {
    const rows = await takeRows(shards, limit - records.length, (a, b) => a.lastModified > b.lastModified);
    const last = rows.at(-1);
    if (last === undefined) break;
    const names = rows.map(({ row }) => ({ bucket, key: keyOf(row, bucket) }));
    next = { lastModified: last.row.lastModified, shard: last.shard, key: keyOf(last.row, bucket) };
    const found = await readRecords(client, tableName, names);
    recordReads += names.length;
    records.push(
      ...rows.flatMap(({ row }) => {
        const record = found.get(keyOf(row, bucket));
        return record?.lastModified === row.lastModified ? [record] : [];
      }),
    );
  }
  const reads = shards.reduce((sum, shard) => sum + shard.reads, recordReads);
  return { records, next: shards.some(({ hasMore }) => hasMore) ? next : null, reads };
}

function openShard(
  client: DynamoDBDocumentClient,
  tableName: string,
  shard: number,
  { bucket, limit, after }: NewestImages,
): IndexShard<TimeRow> {
  const partition = bucketShards(bucket)[shard];
  // Rows of equal time come in the order of their shards, so a lower shard has none left at the
  // place's own time.
  const upTo = after === null ? '' : ` AND lastModified ${shard < after.shard ? '<' : '<='} :latest`;
  return new IndexShard({
    client,
    shard,
    query: {
      TableName: tableName,
      IndexName: TABLE_SCHEMA.timeIndex.name,
      KeyConditionExpression: `bucketShard = :shard${upTo}`,
      ExpressionAttributeValues: { ':shard': partition, ...(after && { ':latest': after.lastModified }) },
      Limit: Math.min(MAX_SHARD_ROWS, limit),
    },
    startKey:
      after?.shard === shard
        ? {
            pk: imagePartition({ bucket, key: after.key }),
            sk: IMAGE_SORT_KEY,
            bucketShard: partition,
            lastModified: after.lastModified,
          }
        : undefined,
    parse: (item) =>
      parseItem(timeRowSchema, item, `an item of the index ${TABLE_SCHEMA.timeIndex.name}`, 'the key of a record'),
  });
}

function keyOf({ pk }: TimeRow, bucket: string): string {
  return pk.slice(imagePartition({ bucket, key: '' }).length);
}
