import * as z from 'zod';
import {
  type Explanation,
  explanationSchema,
  type JobState,
  jobStateSchema,
  type Picture,
  type Prediction,
  pictureSchema,
  predictionSchema,
  type Reason,
  reasonSchema,
} from '../wire.ts';
import { type ConceptFindings, conceptFields, toStoredConcepts, toStoredPredictions } from './record.ts';

export type JobSource = z.output<typeof jobSourceSchema>;
/** One request of a heavy model, and its answer once there is one. */
export type Job = z.output<typeof jobSchema>;

/** The facts that make a new job; its other fields follow from them. */
export interface JobRequest {
  readonly id: string;
  readonly model: string;
  /** Number of predictions in the answer, best first. */
  readonly top: number;
  /** Whether the answer has an activation map. */
  readonly explain: boolean;
  readonly source: JobSource;
}

/** What a model said about a job's image. */
export interface JobResult extends ConceptFindings {
  readonly image: Picture;
  readonly predictions: readonly Prediction[];
  readonly explanation: Explanation | null;
}

/** How long a job is kept; as long as the service bucket keeps its picture. */
export const JOB_LIFETIME_SECONDS = 86_400;

/** Maximum number of predictions in a job. An item can hold 400 kB in all. */
export const MAX_JOB_PREDICTIONS = 100;

/**
 * Characters of base64. A PNG of 224 x 224 pixels has 270,000 at most; an item holds 400 kB in all.
 */
const MAX_OVERLAY_CHARACTERS = 300_000;

/** The id of a job, which is part of a URL, of an S3 key and of a partition key. */
export const jobIdSchema = z
  .string()
  .regex(/^[0-9A-Za-z_-]{1,64}$/, '1 to 64 letters, digits, hyphens and underscores');

/**
 * The place of the bytes: `jobs/<id>` in the service bucket for a posted picture, else an object of
 * the watched bucket.
 */
const jobSourceSchema = z.object({
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().nullable(),
  /** Without quotes. */
  eTag: z.string(),
});

/** The job's item. What is not known yet is null; `predictions` is empty until then. */
export const jobSchema = z.object({
  id: jobIdSchema,
  state: jobStateSchema,
  /** The requested model, which is also the one that answers. */
  model: z.string(),
  top: z.int().positive(),
  explain: z.boolean(),
  source: jobSourceSchema,
  /** Best first, at most `top`. */
  predictions: z.array(predictionSchema),
  ...conceptFields,
  image: z.nullable(pictureSchema),
  explanation: z.nullable(explanationSchema),
  reason: z.nullable(reasonSchema),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  updatedAt: z.string(),
  /**
   * Epoch seconds. After this time the job is not shown any more, and DynamoDB removes it later.
   */
  expiresAt: z.int(),
});

/**
 * The stored states that each state may replace. `done` and `rejected` are never replaced.
 * `running` does not replace `failed`, so a reader that saw `failed` never sees the job run again.
 * A `failed` with its own reason replaces that from before the last attempt.
 */
const REPLACES = {
  queued: [],
  running: ['queued', 'running'],
  done: ['queued', 'running', 'failed'],
  rejected: ['queued', 'running', 'failed'],
  failed: ['queued', 'running', 'failed'],
} as const satisfies Readonly<Record<JobState, readonly JobState[]>>;

/** Key of a job's posted bytes in the service bucket. */
export function jobKey(id: string): string {
  return `jobs/${id}`;
}

/** Returns the states that `state` may replace. The table checks this in the same atomic step. */
export function replaceableBy(state: JobState): readonly JobState[] {
  return REPLACES[state];
}

/** Whether nothing changes a job any more. */
export function isFinalJob({ state }: Job): boolean {
  return state === 'done' || state === 'rejected';
}

export function isExpired({ expiresAt }: Job, now: Date): boolean {
  return expiresAt * 1000 <= now.getTime();
}

/** Makes a new job in the state `queued`. */
export function toJob(request: JobRequest, now: Date): Job {
  const at = now.toISOString();
  return {
    ...request,
    state: 'queued',
    predictions: [],
    concepts: [],
    concept: null,
    image: null,
    explanation: null,
    reason: null,
    createdAt: at,
    updatedAt: at,
    expiresAt: Math.floor(now.getTime() / 1000) + JOB_LIFETIME_SECONDS,
  };
}

export function toRunning(job: Job, now: Date): Job {
  return { ...job, state: 'running', updatedAt: now.toISOString() };
}

/**
 * Returns the answered job. An overlay that is too large for the table is left out; the predictions
 * are kept.
 */
export function toDone(job: Job, { image, predictions, explanation, ...findings }: JobResult, now: Date): Job {
  const fits = explanation === null || explanation.overlay.base64.length <= MAX_OVERLAY_CHARACTERS;
  return {
    ...job,
    state: 'done',
    image,
    predictions: toStoredPredictions(predictions, job.top),
    ...toStoredConcepts(findings),
    explanation: fits ? explanation : null,
    reason: null,
    updatedAt: now.toISOString(),
  };
}

/** Returns the job without an answer: `rejected` is final, `failed` is not. */
export function toRefused(job: Job, state: 'rejected' | 'failed', reason: Reason, now: Date): Job {
  return { ...job, state, reason, updatedAt: now.toISOString() };
}
