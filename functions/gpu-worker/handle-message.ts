import { toFailureReason } from '../records/failure-reason.ts';
import { type HeavyRequest, parseHeavyRequest } from '../routing/heavy-message.ts';
import { type AnswerImageDependencies, answerImage, failAnswer } from './answer-image.ts';
import { type AnswerJobDependencies, answerJob, failJob } from './answer-job.ts';
import { BrokenWorkerError, DrainingError, WorkerCrashError } from './errors.ts';
import type { HeldMessage } from './heavy-receiver.ts';
import type { ModelShelf } from './models/model-shelf.ts';
import { MAX_RECEIVE_COUNT } from './queue.ts';
import type { ReadGate } from './read-gate.ts';
import type { WorkerReport } from './report.ts';

export interface HandleMessageDependencies extends AnswerImageDependencies, AnswerJobDependencies {
  readonly shelf: Pick<ModelShelf, 'use'>;
  readonly gate: ReadGate;
  readonly report: WorkerReport;
  /** Seconds until a failed message is tried again. Each further failure doubles the wait. */
  readonly retrySeconds: number;
}

/**
 * What happens to a message next. `done`: it is deleted. `released`: this worker is ending, and
 * hands it back for another. `failed`: it goes back after a wait.
 */
export type MessageFate =
  | { readonly kind: 'done' | 'released' }
  | { readonly kind: 'failed'; readonly againInSeconds: number };

/** The longest wait, however often a message has failed. */
const MAX_RETRY_SECONDS = 900;

/**
 * Handles one message, and turns every error into a result. The last attempt records a failure
 * before it begins, and the reason when it fails; the next receive moves the message to the dead
 * letters.
 */
export async function handleMessage(
  message: HeldMessage,
  dependencies: HandleMessageDependencies,
): Promise<MessageFate> {
  const { report, retrySeconds } = dependencies;
  const lastAttempt = message.receiveCount >= MAX_RECEIVE_COUNT;
  let request: HeavyRequest | null = null;
  try {
    request = parseHeavyRequest(message.body);
    // The attempt may end this process, and then nothing is left to say so. An answer replaces it.
    if (lastAttempt) await fail(request, new WorkerCrashError(MAX_RECEIVE_COUNT), dependencies);
    await answer(request, lastAttempt, dependencies);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof DrainingError) return { kind: 'released' };
    // The worker is broken, so the image is not to blame. Another worker takes the message, unless
    // this was its last attempt.
    if (error instanceof BrokenWorkerError && !lastAttempt) return { kind: 'released' };
    report.onFailure(request, error, lastAttempt);
    if (lastAttempt && request !== null) await recordFailure(request, error, dependencies);
    const againInSeconds = lastAttempt ? 0 : retrySeconds * 2 ** (message.receiveCount - 1);
    return { kind: 'failed', againInSeconds: Math.min(MAX_RETRY_SECONDS, againInSeconds) };
  }
}

async function answer(
  request: HeavyRequest,
  lastAttempt: boolean,
  dependencies: HandleMessageDependencies,
): Promise<void> {
  const { shelf, gate, report } = dependencies;
  const lease = await shelf.use(request.model);
  try {
    // A last attempt is let in even while the worker stops. If it were handed back, it would go to
    // the dead letters, and no reason would be recorded.
    const slot = await gate.enter(lastAttempt);
    const start = performance.now();
    try {
      if (request.jobId === null) {
        const outcome = await answerImage(request, lease.model, dependencies, slot.giveBack);
        report.onImage(request, outcome, performance.now() - start);
      } else {
        const outcome = await answerJob(request.jobId, request, lease.model, dependencies, slot.giveBack);
        report.onJob(request, outcome, performance.now() - start);
      }
    } finally {
      slot.giveBack();
    }
  } finally {
    lease.giveBack();
  }
}

/**
 * Records why the last attempt failed. This may fail, too, if the table or the topic is the cause.
 * The message goes to the dead letters in both cases.
 */
async function recordFailure(request: HeavyRequest, error: unknown, dependencies: HandleMessageDependencies) {
  const { report } = dependencies;
  const times = { read: 0, decode: 0, run: 0, tag: 0, record: 0 };
  try {
    const { record, job } = await fail(request, error, dependencies);
    if (record !== null) report.onImage(request, { kind: 'recorded', record, milliseconds: times }, 0);
    if (job !== null) report.onJob(request, { kind: 'answered', job, milliseconds: times }, 0);
  } catch (fault) {
    report.onFailure(request, fault, true);
  }
}

/** @returns what was written: a record or a job, or neither when there is an answer */
async function fail(request: HeavyRequest, error: unknown, dependencies: HandleMessageDependencies) {
  const reason = toFailureReason(error);
  return request.jobId === null
    ? { record: await failAnswer(request, reason, dependencies), job: null }
    : { record: null, job: await failJob(request.jobId, reason, dependencies) };
}
