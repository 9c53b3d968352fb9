import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { PARKED_RETENTION_DAYS } from './queue.ts';

/**
 * Which messages were handed to the tagging function alone. SQS delivers a dead letter again when
 * this function was stopped, and the tagging function must not get it a second time.
 */
export interface LastRuns {
  /** @returns false if the message was handed over before */
  begin(messageId: string): Promise<boolean>;
  /** Takes `begin` back, because the tagging function refused the message. */
  cancel(messageId: string): Promise<void>;
}

const SORT_KEY = 'LAST_RUN';
const SECONDS_PER_DAY = 86_400;

/**
 * Opens the runs of a table. An item stays until no queue can hold the message any more.
 * @param now replaced in tests
 */
export function openLastRuns(
  client: DynamoDBDocumentClient,
  tableName: string,
  now: () => Date = () => new Date(),
): LastRuns {
  const keyOf = (messageId: string) => ({ pk: `DEAD_LETTER#${messageId}`, sk: SORT_KEY });
  return {
    async begin(messageId) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + PARKED_RETENTION_DAYS * SECONDS_PER_DAY;
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...keyOf(messageId), expiresAt },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async cancel(messageId) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: keyOf(messageId) }));
    },
  };
}
