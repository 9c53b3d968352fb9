import { toFailureReason } from '../records/failure-reason.ts';
import { failImage } from '../tagging/fail-image.ts';
import type { CreatedEvent } from '../tagging/image-event.ts';
import type { Outcome } from '../tagging/outcome.ts';
import { type TagImageDependencies, tagImage } from '../tagging/tag-image.ts';
import { parseUploadEvents } from './event.ts';
import { MAX_RECEIVE_COUNT } from './queue.ts';
import { removeImage } from './remove-image.ts';
import type { UploadEvent } from './upload-event.ts';

/** A message of the uploads queue, as SQS hands it over. */
export interface QueueMessage {
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

/** Receives the result of each event as soon as it is known. */
export interface Observer {
  onOutcome(event: UploadEvent, outcome: Outcome, milliseconds: number): void;
  onFailure(event: UploadEvent | null, error: unknown, lastAttempt: boolean): void;
}

/**
 * Handles every event of a message. A failure of one does not stop the others. After an error the
 * message is reported as failed, and is delivered again.
 * @throws {MalformedEventError} when the message is not an S3 notification
 * @throws the error of the failed event, or an AggregateError if several failed
 */
export async function handleMessage(
  message: QueueMessage,
  dependencies: TagImageDependencies,
  observer: Observer,
): Promise<void> {
  const lastAttempt = Number(message.attributes.ApproximateReceiveCount) >= MAX_RECEIVE_COUNT;
  const faults: unknown[] = [];
  for (const event of parseEvents(message, observer, lastAttempt)) {
    const start = performance.now();
    try {
      const outcome = await handleEvent(event, dependencies);
      observer.onOutcome(event, outcome, performance.now() - start);
    } catch (error) {
      faults.push(error);
      observer.onFailure(event, error, lastAttempt);
      if (lastAttempt && event.kind === 'created') await recordFailure(event, error, dependencies, observer);
    }
  }
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw new AggregateError(faults, `${faults.length} events of one message failed`);
}

async function handleEvent(event: UploadEvent, dependencies: TagImageDependencies): Promise<Outcome> {
  switch (event.kind) {
    case 'created':
      return tagImage(event, dependencies);
    case 'removed':
    case 'lifecycle-expired':
      return removeImage(event, dependencies);
    case 'test-event':
    case 'ignored':
      return { kind: 'skipped', why: event.kind };
  }
}

function parseEvents({ body }: QueueMessage, observer: Observer, lastAttempt: boolean): UploadEvent[] {
  try {
    return parseUploadEvents(body);
  } catch (error) {
    observer.onFailure(null, error, lastAttempt);
    throw error;
  }
}

/**
 * Records the failure. This may fail, too, if the table or the topic is the cause. The message
 * fails in both cases.
 */
async function recordFailure(
  event: CreatedEvent,
  error: unknown,
  dependencies: TagImageDependencies,
  observer: Observer,
): Promise<void> {
  try {
    const start = performance.now();
    const record = await failImage(event, toFailureReason(error), dependencies);
    if (record === null) return;
    const milliseconds = { read: 0, decode: 0, run: 0, tag: 0, record: performance.now() - start };
    observer.onOutcome(event, { kind: 'recorded', record, milliseconds }, milliseconds.record);
  } catch (fault) {
    observer.onFailure(event, fault, true);
  }
}
