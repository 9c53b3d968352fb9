import { AutoSwiftNetError, ImageError } from '../../classifier/errors.ts';
import { encodeExplanation } from '../encode-explanation.ts';
import { isFinalJob, type Job, toDone, toRefused, toRunning } from '../records/job.ts';
import type { JobStore } from '../records/job-store.ts';
import { toReason } from '../records/record.ts';
import type { HeavyRequest } from '../routing/heavy-message.ts';
import type { ObjectStore } from '../tagging/objects.ts';
import type { Reason } from '../wire.ts';
import type { HeavyClassifier } from './heavy-classifier.ts';
import type { ServedModel } from './models/model-shelf.ts';

export interface AnswerJobDependencies {
  readonly jobs: JobStore;
  readonly objects: ObjectStore;
  readonly classifier: HeavyClassifier;
  readonly maxImageBytes: number;
  readonly now: () => Date;
}

/** Result of handling a job. */
export type JobOutcome =
  | { readonly kind: 'answered'; readonly job: Job; readonly milliseconds: JobTimes }
  /** The job has an answer already, or has expired. */
  | { readonly kind: 'settled' };

/** Milliseconds that each step of one job took. */
export interface JobTimes {
  readonly read: number;
  readonly decode: number;
  readonly run: number;
  readonly record: number;
}

const NO_TIMES = { read: 0, decode: 0, run: 0 };

/** The image of a job was deleted or replaced, so there is nothing left to classify. */
class SourceGoneError extends AutoSwiftNetError {
  constructor({ source: { bucket, key } }: HeavyRequest, why: 'gone' | 'superseded') {
    super(
      `s3://${bucket}/${key}: the image was ${why === 'gone' ? 'deleted' : 'replaced'} before the heavy model read it. Send the request again.`,
      { code: why === 'gone' ? 'image-gone' : 'image-replaced', status: 410 },
    );
  }
}

/**
 * Answers a job: its item becomes `running`, then `done` with predictions, or `rejected` with the
 * reason. Nothing is tagged. Our own faults are thrown, and the queue delivers the message again.
 * @param onDecoded called once the image's bytes are no longer needed
 */
export async function answerJob(
  jobId: string,
  request: HeavyRequest,
  model: ServedModel,
  dependencies: AnswerJobDependencies,
  onDecoded: () => void,
): Promise<JobOutcome> {
  const { jobs, now } = dependencies;
  const job = await jobs.read(jobId);
  if (job === null || isFinalJob(job)) return { kind: 'settled' };
  await jobs.write(toRunning(job, now()));
  const { answered, milliseconds } = await answer(job, request, model, dependencies, onDecoded);
  const start = performance.now();
  if (!(await jobs.write(answered))) return { kind: 'settled' };
  return { kind: 'answered', job: answered, milliseconds: { ...milliseconds, record: performance.now() - start } };
}

/**
 * Records `failed` after the last attempt.
 * @returns null when the job has an answer
 */
export async function failJob(
  jobId: string,
  reason: Reason,
  { jobs, now }: Pick<AnswerJobDependencies, 'jobs' | 'now'>,
): Promise<Job | null> {
  const job = await jobs.read(jobId);
  if (job === null) return null;
  const failed = toRefused(job, 'failed', reason, now());
  return (await jobs.write(failed)) ? failed : null;
}

async function answer(
  job: Job,
  request: HeavyRequest,
  model: ServedModel,
  { objects, classifier, maxImageBytes, now }: AnswerJobDependencies,
  onDecoded: () => void,
) {
  const { top, explain, source } = request;
  const start = performance.now();
  try {
    const object = await objects.open(source, source.eTag);
    if (typeof object === 'string') throw new SourceGoneError(request, object);
    const bytes = await object.bytes(maxImageBytes);
    const read = performance.now() - start;
    const { timings, explanation, ...findings } = await classifier.classify(model, bytes, {
      top,
      explain,
      onDecoded,
    });
    return {
      answered: toDone(job, { ...findings, explanation: encodeExplanation(explanation) }, now()),
      milliseconds: { read, decode: timings.decode, run: timings.run },
    };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof SourceGoneError)) throw error;
    const { code, message } = error;
    return { answered: toRefused(job, 'rejected', toReason(code, message), now()), milliseconds: NO_TIMES };
  }
}
