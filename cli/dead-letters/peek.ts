import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** The most that one call receives. */
export const BATCH = 10;

/**
 * Messages that were looked at stay hidden for this long if the program is killed. Everything is
 * looked at within this time: after it, a message could come a second time.
 */
const HIDDEN_SECONDS = 60;

/**
 * Long polling asks all of SQS' servers, so that an empty answer means an empty queue:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
const WAIT_SECONDS = 1;

/**
 * Looks at the messages of a queue and leaves them there. SQS has no call that only looks: the
 * messages are received, and made visible again at once. That counts as one receive of each.
 * @param most looks at no more messages
 */
export async function peek(sqs: SQSClient, QueueUrl: string, most: number): Promise<Message[]> {
  const seen = new Map<string, Message>();
  try {
    while (seen.size < most) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(BATCH, most - seen.size),
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageSystemAttributeNames: ['SentTimestamp'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      for (const message of Messages) seen.set(message.MessageId ?? '', message);
    }
    return [...seen.values()];
  } finally {
    await show(sqs, QueueUrl, [...seen.values()]);
  }
}

async function show(sqs: SQSClient, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  for (let start = 0; start < messages.length; start += BATCH) {
    const Entries = messages
      .slice(start, start + BATCH)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}
