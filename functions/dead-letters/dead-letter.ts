import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import type { AutoSwiftNetError } from '../../classifier/errors.ts';
import { toFailureReason } from '../records/failure-reason.ts';
import { MalformedEventError } from '../tag-upload/errors.ts';
import { parseUploadEvents } from '../tag-upload/event.ts';
import type { Observer } from '../tag-upload/message.ts';
import type { UploadEvent } from '../tag-upload/upload-event.ts';
import { ObjectAccessError } from '../tagging/errors.ts';
import { type FailImageDependencies, failUnlessExplained } from '../tagging/fail-image.ts';
import type { CreatedEvent } from '../tagging/image-event.ts';
import { FailedAloneError, FunctionCrashError } from './errors.ts';
import type { LastRuns } from './last-runs.ts';
import type { Park } from './parked-queue.ts';
import type { RunAlone } from './tagging-function.ts';

export interface DeadLetterDependencies extends FailImageDependencies {
  readonly lastRuns: LastRuns;
  readonly runAlone: RunAlone;
  readonly park: Park;
}

/** Receives the result of each step as soon as it is known. */
export interface DeadLetterObserver extends Observer {
  /** The message has succeeded alone. */
  onRecovered(letter: SQSRecord): void;
  onParked(letter: SQSRecord, why: AutoSwiftNetError): void;
}

/**
 * Handles one dead letter of the uploads queue: records `failed` for its images, then hands it to
 * the tagging function alone, so that it succeeds if another message of its batches was to blame.
 * What fails again or cannot be read is parked. A dead letter that comes again, because this
 * function was stopped, is not handed over a second time.
 * @throws what kept it from doing so; the dead letter is then delivered again
 */
export async function handleDeadLetter(
  letter: SQSRecord,
  dependencies: DeadLetterDependencies,
  observer: DeadLetterObserver,
): Promise<void> {
  const events = parse(letter);
  const fault =
    events instanceof MalformedEventError ? events : await handleEvents(letter, events, dependencies, observer);
  if (fault === null) return observer.onRecovered(letter);
  await dependencies.park(letter, fault);
  observer.onParked(letter, fault);
}

function parse({ body }: SQSRecord): UploadEvent[] | MalformedEventError {
  try {
    return parseUploadEvents(body);
  } catch (error) {
    if (error instanceof MalformedEventError) return error;
    throw error;
  }
}

/** @returns why the message must be parked, or null if it has succeeded */
async function handleEvents(
  letter: SQSRecord,
  events: readonly UploadEvent[],
  dependencies: DeadLetterDependencies,
  observer: Observer,
): Promise<FailedAloneError | null> {
  const { lastRuns, runAlone } = dependencies;
  for (const event of events) {
    if (event.kind === 'created') await recordFailure(event, dependencies, observer);
  }
  const run = randomUUID();
  try {
    if (!(await lastRuns.begin(letter.messageId, run))) {
      return new FailedAloneError('this function was stopped while it waited for the result');
    }
    return await runAlone(letter);
  } catch (error) {
    // The write may have taken place although `begin` failed.
    await lastRuns.cancel(letter.messageId, run);
    throw error;
  }
}

async function recordFailure(
  event: CreatedEvent,
  dependencies: DeadLetterDependencies,
  observer: Observer,
): Promise<void> {
  const start = performance.now();
  try {
    const failed = await failUnlessExplained(event, toFailureReason(new FunctionCrashError()), dependencies);
    if (failed?.isNew !== true) return;
    const milliseconds = { read: 0, decode: 0, run: 0, tag: 0, record: performance.now() - start };
    observer.onOutcome(event, { kind: 'recorded', record: failed.record, milliseconds }, milliseconds.record);
  } catch (error) {
    // The record is written. Only its tags cannot be updated. That may be why the upload failed.
    if (!(error instanceof ObjectAccessError)) throw error;
    observer.onFailure(event, error, true);
  }
}
