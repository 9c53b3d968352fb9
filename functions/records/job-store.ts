import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isExpired, type Job, jobSchema, replaceableBy } from './job.ts';
import { parseItem } from './parse-item.ts';

/** The only way to the table's jobs. Reads are strongly consistent. */
export interface JobStore {
  /** @returns false when there is a job of that id, which stays as it is */
  create(job: Job): Promise<boolean>;
  /** Null when there is none, or none any more. */
  read(id: string): Promise<Job | null>;
  /**
   * Puts the job in the place of the stored one of its id.
   * @returns false when the stored one is in a state that this one's does not replace, or there is
   *   none
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
 * @param now for tests
 * @throws {StoredRecordError} on reading an item that is no job of this version
 */
export function openJobStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  now: () => Date = () => new Date(),
): JobStore {
  return {
    create: (job) => put(client, tableName, job, { ConditionExpression: 'attribute_not_exists(pk)' }),

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
