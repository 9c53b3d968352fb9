import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  paginateScan,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { createTableInput } from '../functions/records/table-schema.ts';
import { TABLE } from './names.ts';
import { serveDynamoDb } from './serve-dynamodb.ts';

type Item = Record<string, AttributeValue>;

/** DynamoDB's limit of one request. */
const WRITE_BATCH_SIZE = 25;

/** Whether a table has the indexes that this version reads. */
export function hasOurIndexes({ GlobalSecondaryIndexes = [] }: TableDescription): boolean {
  const toText = ({ IndexName, KeySchema, Projection }: (typeof GlobalSecondaryIndexes)[number]) =>
    JSON.stringify([IndexName, KeySchema?.map(({ AttributeName }) => AttributeName), Projection?.ProjectionType]);
  const found = new Set(GlobalSecondaryIndexes.map(toText));
  return createTableInput(TABLE).GlobalSecondaryIndexes.every((index) => found.has(toText(index)));
}

/**
 * Gives the table in a folder the indexes of this version. dynalite cannot add an index to a table,
 * so all items are copied into a table in a new folder, which then takes the place of the old one.
 * The old folder is not changed before that, so a process that is killed loses nothing.
 */
export async function rebuildTable(dataDir: string): Promise<void> {
  const { copy, replaced } = foldersBeside(dataDir);
  const from = await serveDynamoDb(dataDir, 0);
  try {
    const to = await serveDynamoDb(copy, 0);
    try {
      await copyItems(from.client, to.client);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await rename(dataDir, replaced);
  await rename(copy, dataDir);
  await rm(replaced, { recursive: true });
}

/**
 * Brings a folder in order after a rebuild that was interrupted. The old table is put back if it
 * was moved away and the new one is not in its place yet.
 */
export async function settleRebuild(dataDir: string): Promise<void> {
  const { copy, replaced } = foldersBeside(dataDir);
  if (existsSync(replaced) && !existsSync(dataDir)) await rename(replaced, dataDir);
  await rm(replaced, { recursive: true, force: true });
  await rm(copy, { recursive: true, force: true });
}

function foldersBeside(dataDir: string) {
  return { copy: `${dataDir}.new`, replaced: `${dataDir}.old` };
}

async function copyItems(from: DynamoDBClient, to: DynamoDBClient): Promise<void> {
  for await (const { Items = [] } of paginateScan({ client: from }, { TableName: TABLE, ConsistentRead: true })) {
    for (let start = 0; start < Items.length; start += WRITE_BATCH_SIZE) {
      await putItems(to, Items.slice(start, start + WRITE_BATCH_SIZE));
    }
  }
}

async function putItems(client: DynamoDBClient, items: readonly Item[]): Promise<void> {
  let requests = items.map((Item) => ({ PutRequest: { Item } }));
  while (requests.length > 0) {
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }),
    );
    requests = (UnprocessedItems[TABLE] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
    );
  }
}
