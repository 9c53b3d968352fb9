import { setTimeout as delay } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { FunctionInstance } from './function-host.ts';
import { failedMessages, toSqsEvent } from './sqs-event.ts';

export interface EventSourceOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Each takes batches of its own, one after the other. */
  readonly instances: readonly Pick<FunctionInstance, 'ready' | 'invoke'>[];
  /** Messages of one call, at most 10. There is no batching window: what is there is handed over. */
  readonly batchSize: number;
  /** A message that failed comes again after this long. Default 2. */
  readonly retryDelaySeconds?: number;
  /** Told of batches that failed as a whole, of functions that cannot start, and of queue faults. */
  readonly onError: (error: unknown) => void;
}

export interface EventSource {
  /** Receives no more; resolves when no batch is in progress. */
  stop(): Promise<void>;
}

/**
 * In AWS a failed message comes again when the queue's visibility timeout is over, after six minutes. Nobody at a laptop waits for that: it is
 * cut short once the function has answered. While it works, the queue's own timeout holds.
 */
export const DEFAULT_RETRY_DELAY_SECONDS = 2;

/** The longest that SQS allows. */
const LONG_POLL_SECONDS = 20;

/** So that a queue that is gone, or a function that cannot start, is not tried a thousand times a second. */
const FAULT_DELAY_MS = 500;

/** Feeds a queue's messages to a function as Lambda's event source mapping does, partial batch responses included. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const stopping = new AbortController();
  const polls = options.instances.map((instance) => poll(instance, options, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(polls);
    },
  };
}

async function poll(
  instance: Pick<FunctionInstance, 'ready' | 'invoke'>,
  options: EventSourceOptions,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      // A message received while there is nobody to handle it would lose one of its attempts.
      await instance.ready();
      const messages = await receive(options, stopping);
      if (stopping.aborted) await makeVisible(messages, 0, options);
      else if (messages.length > 0) await handleBatch(instance, messages, options);
    } catch (error) {
      if (stopping.aborted) return;
      options.onError(error);
      await delay(FAULT_DELAY_MS, undefined, { signal: stopping }).catch(() => {});
    }
  }
}

async function receive({ sqs, queueUrl, batchSize }: EventSourceOptions, stopping: AbortSignal): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: stopping },
  );
  return Messages;
}

async function handleBatch(
  instance: Pick<FunctionInstance, 'invoke'>,
  messages: readonly Message[],
  options: EventSourceOptions,
): Promise<void> {
  const failed = await invoke(instance, messages, options);
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length > 0) {
    await options.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: options.queueUrl, Entries: toEntries(done) }));
  }
  const again = messages.filter(({ MessageId = '' }) => failed.has(MessageId));
  await makeVisible(again, options.retryDelaySeconds ?? DEFAULT_RETRY_DELAY_SECONDS, options);
}

/** @returns the ids of the messages that failed: all of them when the function did */
async function invoke(
  instance: Pick<FunctionInstance, 'invoke'>,
  messages: readonly Message[],
  { queueArn, onError }: EventSourceOptions,
): Promise<ReadonlySet<string>> {
  const ids = messages.map(({ MessageId = '' }) => MessageId);
  try {
    return failedMessages(await instance.invoke(toSqsEvent(messages, queueArn)), ids);
  } catch (error) {
    onError(error);
    return new Set(ids);
  }
}

async function makeVisible(
  messages: readonly Message[],
  inSeconds: number,
  { sqs, queueUrl }: EventSourceOptions,
): Promise<void> {
  if (messages.length === 0) return;
  const Entries = toEntries(messages).map((entry) => ({ ...entry, VisibilityTimeout: inSeconds }));
  await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function toEntries(messages: readonly Message[]) {
  return messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
}
