import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message that this worker holds. Nobody else gets it until its visibility timeout is over. */
export interface HeldMessage {
  readonly id: string;
  readonly handle: string;
  readonly body: string;
  /** How often the message was received, this time included. */
  readonly receiveCount: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

/** The heavy queue as a worker uses it: receives messages, keeps them hidden, deletes them. */
export interface HeavyReceiver {
  /** Receives messages, and waits up to `waitSeconds` for the first one. */
  receive(options: ReceiveOptions, signal: AbortSignal): Promise<HeldMessage[]>;
  /**
   * Hides the messages for this many seconds from now. With 0 they can be received again at once.
   * Messages that no longer exist are skipped.
   */
  hide(messages: readonly HeldMessage[], seconds: number): Promise<void>;
  delete(messages: readonly HeldMessage[]): Promise<void>;
}

export interface ReceiveOptions {
  /** Maximum number of messages. More than ten count as ten. */
  readonly most: number;
  /** How long the received messages are hidden from others. */
  readonly visibilitySeconds: number;
  /** How long to wait for the first message, 0 to 20. */
  readonly waitSeconds: number;
}

/**
 * SQS handles at most ten messages in one request:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const MAX_BATCH_MESSAGES = 10;

export function openHeavyReceiver(client: SQSClient, queueUrl: string): HeavyReceiver {
  return {
    async receive({ most, visibilitySeconds, waitSeconds }, signal) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(most, MAX_BATCH_MESSAGES),
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: visibilitySeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        }),
        { abortSignal: signal },
      );
      return Messages.map(toHeldMessage);
    },

    async hide(messages, seconds) {
      const requests = batches(messages).map((batch) => {
        const Entries = batch.map((message, index) => ({ ...toEntry(message, index), VisibilityTimeout: seconds }));
        return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      });
      await Promise.all(requests);
    },

    async delete(messages) {
      for (const batch of batches(messages)) {
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch.map(toEntry) }));
      }
    },
  };
}

function toHeldMessage({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }: Message): HeldMessage {
  return {
    id: MessageId,
    handle: ReceiptHandle,
    body: Body,
    receiveCount: Number(Attributes.ApproximateReceiveCount ?? 1),
    sentAt: Number(Attributes.SentTimestamp ?? Date.now()),
  };
}

function toEntry({ handle }: HeldMessage, index: number) {
  return { Id: String(index), ReceiptHandle: handle };
}

function batches(messages: readonly HeldMessage[]): HeldMessage[][] {
  return Array.from({ length: Math.ceil(messages.length / MAX_BATCH_MESSAGES) }, (_, index) =>
    messages.slice(index * MAX_BATCH_MESSAGES, (index + 1) * MAX_BATCH_MESSAGES),
  );
}
