import { isFinalJob, type Job, jobIdSchema } from '../records/job.ts';
import type { JobStore } from '../records/job-store.ts';
import type * as Wire from '../wire.ts';
import { InvalidParameterError, JobNotFoundError } from './errors.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface JobsDependencies {
  readonly jobs: Pick<JobStore, 'read'>;
}

/**
 * Seconds after which a client should ask again. A worker that runs needs a second; one that must
 * start needs minutes.
 */
export const POLL_SECONDS = 2;

/** `GET /jobs/{id}`: state and result of a request to a heavy model. */
export async function getJob({ parameters }: ApiRequest, { jobs }: JobsDependencies): Promise<ApiResponse> {
  const id = jobIdSchema.safeParse(parameters['id']);
  if (!id.success) throw new InvalidParameterError('id', `expected ${id.error.issues[0]?.message}`);
  const job = await jobs.read(id.data);
  if (job === null) throw new JobNotFoundError(id.data);
  return json(200, describeJob(job), isFinalJob(job) || job.state === 'failed' ? {} : pollLater());
}

/** Returns the headers of an answer with a new job. */
export function pollLater(): { 'retry-after': string } {
  return { 'retry-after': String(POLL_SECONDS) };
}

/** @example pathOfJob('abc') // /jobs/abc */
export function pathOfJob(id: string): string {
  return `/jobs/${id}`;
}

/** Returns a job as the API shows it. */
export function describeJob(job: Job): Wire.Job {
  const { id, state, model, predictions, image, explanation, reason, createdAt, updatedAt } = job;
  const result = state === 'done' && image !== null ? { model, predictions, image, explanation } : null;
  return { id, state, model, createdAt, updatedAt, result, reason };
}
