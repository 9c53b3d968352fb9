import { setTimeout as delay } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { PARKED_RETENTION_DAYS } from './queue.ts';

/**
 * Which messages were handed to the tagging function alone. SQS delivers a dead letter again when
 * this function was stopped, and the tagging function must not get it a second time.
 */
export interface LastRuns {
  /**
   * @param run a new id for each delivery: the client repeats a write whose answer was lost, and
   * must then recognize its own
   * @returns false if the message was handed over before, in another run
   */
  begin(messageId: string, run: string): Promise<boolean>;
  /**
   * Takes `begin` back, because the tagging function did not get the message. Another run's stays.
   * @throws what kept it from doing so. The message is then parked when it comes again, so it is
   * tried for 15 s.
   */
  cancel(messageId: string, run: string): Promise<void>;
}

const SORT_KEY = 'LAST_RUN';
const SECONDS_PER_DAY = 86_400;

/** Milliseconds between attempts to cancel a run. The client makes several calls in each. */
const CANCEL_WAITS_MS = [1_000, 2_000, 4_000, 8_000];

interface LastRunsOptions {
  readonly now?: () => Date;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Opens the runs of a table. An item stays until no queue can hold the message any more.
 * @param options replaced in tests
 */
export function openLastRuns(
  client: DynamoDBDocumentClient,
  tableName: string,
  { now = () => new Date(), wait = delay }: LastRunsOptions = {},
): LastRuns {
  const keyOf = (messageId: string) => ({ pk: `DEAD_LETTER#${messageId}`, sk: SORT_KEY });
  const namesOf = (run: string) => ({
    ExpressionAttributeNames: { '#run': 'run' },
    ExpressionAttributeValues: { ':run': run },
  });

  async function remove(messageId: string, run: string): Promise<void> {
    try {
      await client.send(
        new DeleteCommand({
          TableName: tableName,
          Key: keyOf(messageId),
          ConditionExpression: '#run = :run',
          ...namesOf(run),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return {
    async begin(messageId, run) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + PARKED_RETENTION_DAYS * SECONDS_PER_DAY;
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...keyOf(messageId), run, expiresAt },
            ConditionExpression: 'attribute_not_exists(pk) OR #run = :run',
            ...namesOf(run),
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async cancel(messageId, run) {
      for (const milliseconds of CANCEL_WAITS_MS) {
        try {
          return await remove(messageId, run);
        } catch {
          await wait(milliseconds);
        }
      }
      await remove(messageId, run);
    },
  };
}
