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
  /** The instances that take batches, one batch at a time each. */
  readonly instances: readonly Pick<FunctionInstance, 'ready' | 'invoke'>[];
  /**
   * Messages per call, at most 10. There is no batching window: waiting messages are handed over at
   * once.
   */
  readonly batchSize: number;
  /** Seconds until a failed message is delivered again. Default 2. */
  readonly retryDelaySeconds?: number;
  /**
   * Called for batches that failed as a whole, functions that cannot start, and faults of the
   * queue.
   */
  readonly onError: (error: unknown) => void;
}

export interface EventSource {
  /** Stops receiving. Resolves when no batch is in progress. */
  stop(): Promise<void>;
}

/**
 * On AWS a failed message is delivered again after the visibility timeout of the queue, which is
 * twelve minutes. On a laptop nobody wants to wait that long, so the local stack shortens it once
 * the function has answered. While the function works, the timeout of the queue applies.
 */
export const DEFAULT_RETRY_DELAY_SECONDS = 2;

/** The longest wait that SQS allows. */
const LONG_POLL_SECONDS = 20;

/**
 * Without this pause, a missing queue or a function that cannot start would be tried a thousand
 * times per second.
 */
const FAULT_DELAY_MS = 500;

/**
 * Feeds the messages of a queue to a function as Lambda's event source mapping does, including
 * partial batch responses.
 */
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
      // A message that is received while no instance is ready would lose one of its attempts.
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

/** @returns the ids of the failed messages, which are all of them if the function itself failed */
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
