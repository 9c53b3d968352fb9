import { setTimeout as delay } from 'node:timers/promises';
import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TableBusyError } from './errors.ts';
import { parseItem } from './parse-item.ts';
import { entrySchema, type ImageRecord, isTombstone, type ObjectName } from './record.ts';
import { IMAGE_SORT_KEY, imagePartition } from './store.ts';

/** DynamoDB's limit of one request. */
const BATCH_SIZE = 100;

/**
 * Waits between attempts. A busy table leaves out items; after the last attempt that is an error.
 */
const RETRY_DELAYS_MS = [25, 50, 100, 200, 400];

type Key = Record<string, unknown>;

/**
 * Reads the records of many images of one bucket, by key, strongly consistent. Images without a
 * record and deleted ones are left out.
 * @throws {StoredRecordError} on an item that this version did not write
 * @throws {TableBusyError} when the table has left items out at each attempt
 */
export async function readRecords(
  client: DynamoDBDocumentClient,
  tableName: string,
  names: readonly ObjectName[],
): Promise<Map<string, ImageRecord>> {
  const keys = [...new Set(names.map(imagePartition))].map((pk) => ({ pk, sk: IMAGE_SORT_KEY }));
  const records = new Map<string, ImageRecord>();
  for (let start = 0; start < keys.length; start += BATCH_SIZE) {
    for (const item of await readBatch(client, tableName, keys.slice(start, start + BATCH_SIZE))) {
      const entry = parseEntry(item);
      if (!isTombstone(entry)) records.set(entry.key, entry);
    }
  }
  return records;
}

async function readBatch(client: DynamoDBDocumentClient, tableName: string, keys: readonly Key[]): Promise<unknown[]> {
  const items: unknown[] = [];
  let wanted = [...keys];
  for (const wait of [0, ...RETRY_DELAYS_MS]) {
    if (wait > 0) await delay(wait);
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(
      new BatchGetCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } }),
    );
    items.push(...(Responses[tableName] ?? []));
    wanted = UnprocessedKeys[tableName]?.Keys ?? [];
    if (wanted.length === 0) return items;
  }
  throw new TableBusyError(
    `the table is busy: ${wanted.length} of ${keys.length} records could not be read in ${RETRY_DELAYS_MS.length + 1} attempts. Send the request again later.`,
  );
}

function parseEntry(item: unknown) {
  return parseItem(entrySchema, item, 'a table item', 'a record or tombstone');
}
