import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isExpired, type Job, jobSchema, replaceableBy } from './job.ts';
import { parseItem } from './parse-item.ts';

/** The only way to the table's jobs. Reads are strongly consistent. */
export interface JobStore {
  /**
   * Stores a new job, also in the place of one that has expired.
   * @returns false when a job with that id exists; it stays unchanged
   */
  create(job: Job): Promise<boolean>;
  /** Returns null when the job never existed or has expired. */
  read(id: string): Promise<Job | null>;
  /**
   * Replaces the stored job that has the same id.
   * @returns false when there is no such job, or when its state may not be replaced
   */
  write(job: Job): Promise<boolean>;
}

/** `sk` of a job. */
export const JOB_SORT_KEY = 'JOB';

/** `pk` of a job. */
export function jobPartition(id: string): string {
  return `JOB#${id}`;
}

/**
 * Opens the jobs of a table.
 * @param now replaced in tests
 * @throws {StoredRecordError} when an item is read that is not a job of this version
 */
export function openJobStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  now: () => Date = () => new Date(),
): JobStore {
  return {
    create: (job) =>
      put(client, tableName, job, {
        // DynamoDB removes what has expired days later, and until then no reader sees it.
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: { ':now': Math.floor(now().getTime() / 1000) },
      }),

    async read(id) {
      const Key = { pk: jobPartition(id), sk: JOB_SORT_KEY };
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      if (Item === undefined) return null;
      const job = parseJob(Item, id);
      return isExpired(job, now()) ? null : job;
    },

    async write(job) {
      const states = replaceableBy(job.state);
      if (states.length === 0) return false;
      const names = states.map((_, index) => `:state${index}`);
      return put(client, tableName, job, {
        ConditionExpression: `#state IN (${names.join(', ')})`,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: Object.fromEntries(names.map((name, index) => [name, states[index]])),
      });
    },
  };
}

interface JobCondition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

async function put(client: DynamoDBDocumentClient, tableName: string, job: Job, condition: JobCondition) {
  const Item = { pk: jobPartition(job.id), sk: JOB_SORT_KEY, ...job };
  try {
    await client.send(new PutCommand({ TableName: tableName, Item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function parseJob(item: unknown, id: string): Job {
  return parseItem(jobSchema, item, `table item ${jobPartition(id)}`, 'a job');
}
