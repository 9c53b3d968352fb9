import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { parseItem } from '../records/parse-item.ts';
import type { GpuUsage } from './gpu-usage.ts';

/** The only way to the table's item about the use of GPUs. Calls come minutes apart. */
export interface UsageStore {
  /** @returns null before the first count */
  read(): Promise<GpuUsage | null>;
  write(usage: GpuUsage): Promise<void>;
}

/** `pk` and `sk` of the item. */
const KEY = { pk: 'GPU-USAGE', sk: 'GPU-USAGE' } as const;

const usageSchema = z.object({
  day: z.iso.date(),
  minutes: z.number().nonnegative(),
  countedAt: z.string(),
  stopped: z.boolean(),
});

/** @throws {StoredRecordError} when the item is not one of this version */
export function openUsageStore(client: DynamoDBDocumentClient, tableName: string): UsageStore {
  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: KEY, ConsistentRead: true }));
      return Item === undefined ? null : parseItem(usageSchema, Item, `table item ${KEY.pk}`, 'the use of GPUs');
    },
    async write(usage) {
      await client.send(new PutCommand({ TableName: tableName, Item: { ...KEY, ...usage } }));
    },
  };
}
