import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** The most that one call receives. */
export const BATCH = 10;

/** Messages that were looked at stay hidden for this long if the program is killed. */
const HIDDEN_SECONDS = 60;

/** Looking ends before the first message shows itself again: each receive brings parking nearer. */
export const LOOK_SECONDS = 50;

/**
 * Long polling asks all of SQS' servers, so that an empty answer means an empty queue:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
const WAIT_SECONDS = 1;

export interface Peeked {
  readonly messages: readonly Message[];
  /** Time ran out, or SQS began to repeat itself, before all that was asked for was seen. */
  readonly isStopped: boolean;
}

/**
 * Looks at the messages of a queue and leaves them there. SQS has no call that only looks: the
 * messages are received, and made visible again at once. That counts as one receive of each.
 * @param most looks at no more messages
 * @param now milliseconds, as a clock tells them that only goes forward
 */
export async function peek(
  sqs: SQSClient,
  QueueUrl: string,
  most: number,
  now = () => performance.now(),
): Promise<Peeked> {
  const seen = new Map<string, Message>();
  const end = now() + 1000 * LOOK_SECONDS;
  let isStopped = false;
  try {
    while (seen.size < most && !isStopped) {
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
      const before = seen.size;
      for (const message of Messages) seen.set(message.MessageId ?? '', message);
      isStopped = seen.size < most && (seen.size === before || now() >= end);
    }
    return { messages: [...seen.values()], isStopped };
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
