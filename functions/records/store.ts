import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { together } from '../side-by-side/together.ts';
import { BUCKET_SHARDS, bucketShards } from './bucket-shards.ts';
import { type ConditionInput, toConditionInput, toRowConditionInput, type WriteCondition } from './condition.ts';
import { keyShard } from './key-shard.ts';
import { type LabelRow, labelRowSchema, type RowChanges } from './labels.ts';
import { parseItem } from './parse-item.ts';
import type { Position } from './position.ts';
import { type Entry, entrySchema, type ImageRecord, isTombstone, type ObjectName } from './record.ts';

/** What the table holds about one image. */
export interface StoredImage {
  readonly entry: Entry | null;
  readonly rows: readonly LabelRow[];
}

/** The only way to the table's images. Reads are strongly consistent. */
export interface RecordStore {
  /** Record or tombstone, and label rows. For the flows that write; others use `readRecord`. */
  read(name: ObjectName): Promise<StoredImage>;
  /** The image's record; null when there is none or the object was deleted. */
  readRecord(name: ObjectName): Promise<ImageRecord | null>;
  /**
   * Writes the entry if the condition holds.
   * @returns whether it was written
   */
  write(entry: Entry, condition: WriteCondition): Promise<boolean>;
  /**
   * Puts and removes the label rows of the record at `position`, all at once. Rows at a later
   * position stay.
   */
  changeRows(position: Position, changes: RowChanges): Promise<void>;
}

/** `sk` of a record or tombstone. */
export const IMAGE_SORT_KEY = 'IMAGE';
const itemSchema = z.looseObject({ sk: z.string() });

/** `pk` of an image. Bucket names hold no slash, so no two objects share one. */
export function imagePartition({ bucket, key }: ObjectName): string {
  return `IMAGE#${bucket}/${key}`;
}

/** `sk` of the label row of a rank, 1 to 5. */
export function labelRowSortKey(rank: number): string {
  return `RANK#${rank}`;
}

/**
 * Opens the images of a table.
 * @throws {StoredRecordError} when an item is read that is not a record, tombstone or label row
 */
export function openRecordStore(client: DynamoDBDocumentClient, tableName: string): RecordStore {
  async function read(name: ObjectName): Promise<StoredImage> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': imagePartition(name) },
      }),
    );
    const items = Items.map((item) => parseImageItem(name, itemSchema, item));
    const image = items.find(({ sk }) => sk === IMAGE_SORT_KEY);
    return {
      entry: image === undefined ? null : parseImageItem(name, entrySchema, image),
      rows: items.filter(({ sk }) => sk.startsWith('RANK#')).map((item) => parseImageItem(name, labelRowSchema, item)),
    };
  }

  return {
    read,

    async readRecord(name) {
      const { entry } = await read(name);
      return entry === null || isTombstone(entry) ? null : entry;
    },

    write(entry, condition) {
      const item = { pk: imagePartition(entry), sk: IMAGE_SORT_KEY, ...toAttributes(entry) };
      return put(client, tableName, item, toConditionInput(condition));
    },

    async changeRows(position, { put: rows, remove }) {
      const condition = toRowConditionInput(position);
      await together(
        ...rows.map((row) => put(client, tableName, { ...rowKey(row), ...row }, condition)),
        ...remove.map((row) =>
          unlessRefused(client.send(new DeleteCommand({ TableName: tableName, Key: rowKey(row), ...condition }))),
        ),
      );
    },
  };
}

/**
 * Adds the attributes of the index by time. The table refuses a null in an attribute of an index,
 * so a record without a time has none of them.
 */
function toAttributes(entry: Entry) {
  if (isTombstone(entry)) return entry;
  const { lastModified, ...attributes } = entry;
  if (lastModified === null) return attributes;
  const shard = bucketShards(entry.bucket)[keyShard(entry.key, BUCKET_SHARDS)];
  return { ...attributes, lastModified, bucketShard: shard };
}

function rowKey(row: LabelRow) {
  return { pk: imagePartition(row), sk: labelRowSortKey(row.rank) };
}

function put(client: DynamoDBDocumentClient, tableName: string, item: object, condition: ConditionInput) {
  return unlessRefused(client.send(new PutCommand({ TableName: tableName, Item: { ...item }, ...condition })));
}

async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function parseImageItem<Schema extends z.ZodType>(name: ObjectName, schema: Schema, item: unknown): z.output<Schema> {
  const place = `a table item of ${imagePartition(name)}`;
  return parseItem(schema, item, place, 'a record, tombstone or label row');
}
