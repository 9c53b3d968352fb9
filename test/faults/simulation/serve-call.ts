import type { Service } from '../fault-plan.ts';
import { type FoundMessage, messageSchema } from '../found.ts';
import { queueOf } from './environment.ts';
import type { MemoryQueues } from './memory-queues.ts';
import type { MemoryS3 } from './memory-s3.ts';
import type { MemoryTable } from './memory-table.ts';

/** A result that the topic published. */
export type Published = FoundMessage & { readonly versionId: string | null };

/** What stands in for AWS. */
export interface MemoryServices {
  readonly s3: MemoryS3;
  readonly table: MemoryTable;
  readonly queues: MemoryQueues;
  readonly published: Published[];
}

interface QueueInput {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: Record<string, unknown>;
  readonly MaxNumberOfMessages: number;
  readonly WaitTimeSeconds: number;
  readonly VisibilityTimeout?: number;
  readonly Entries: { ReceiptHandle: string; VisibilityTimeout?: number }[];
}

/**
 * Does a call of the SDK.
 * @param isPlain whether it has plain values, as DynamoDBDocumentClient takes them
 */
export function serveCall(
  { s3, table, queues, published }: MemoryServices,
  service: Service,
  operation: string,
  input: object,
  isPlain: boolean,
): Record<string, unknown> | Promise<Record<string, unknown>> {
  if (service === 's3') return s3.call(operation, input);
  if (service === 'dynamodb') return table.call(operation, input, isPlain);
  if (service === 'sqs') return serveQueue(queues, operation, input as QueueInput);
  const { Message } = input as { Message: string };
  published.push(messageSchema.loose().parse(JSON.parse(Message)) as Published);
  return {};
}

async function serveQueue(
  queues: MemoryQueues,
  operation: string,
  input: QueueInput,
): Promise<Record<string, unknown>> {
  const queue = queueOf(input.QueueUrl);
  switch (operation) {
    case 'SendMessage':
      queues.send(queue, input.MessageBody, input.MessageAttributes ?? {});
      return {};
    case 'ReceiveMessage': {
      const { MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout } = input;
      const messages = await queues.receive(queue, MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout);
      return {
        Messages: messages.map(({ id, handle, body, receiveCount, sentAt }) => ({
          MessageId: id,
          ReceiptHandle: handle,
          Body: body,
          Attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt) },
        })),
      };
    }
    case 'DeleteMessageBatch':
      queues.delete(queue, input.Entries);
      return {};
    case 'ChangeMessageVisibilityBatch':
      queues.hide(queue, input.Entries);
      return {};
    default:
      throw new TypeError(`the simulated SQS has no ${operation}`);
  }
}
