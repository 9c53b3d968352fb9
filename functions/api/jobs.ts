import { isFinalJob, type Job, jobIdSchema, toRefused } from '../records/job.ts';
import type { JobStore } from '../records/job-store.ts';
import { toReason } from '../records/record.ts';
import type { RouteSettings } from '../routing/route.ts';
import type * as Wire from '../wire.ts';
import { HeavyModelRemovedError, InvalidParameterError, JobNotFoundError } from './errors.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface JobsDependencies {
  readonly jobs: Pick<JobStore, 'read' | 'write'>;
  /** The models that answer here. */
  readonly routes: Pick<RouteSettings, 'heavy'>;
  readonly now: () => Date;
}

/**
 * Seconds after which a client should ask again. A worker that runs needs a second; one that must
 * start needs minutes.
 */
export const POLL_SECONDS = 2;

/** `GET /jobs/{id}`: state and result of a request to a heavy model. */
export async function getJob({ parameters }: ApiRequest, dependencies: JobsDependencies): Promise<ApiResponse> {
  const id = jobIdSchema.safeParse(parameters['id']);
  if (!id.success) throw new InvalidParameterError('id', `expected ${id.error.issues[0]?.message}`);
  const stored = await dependencies.jobs.read(id.data);
  if (stored === null) throw new JobNotFoundError(id.data);
  const job = await failWithoutModel(stored, dependencies);
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
  const { id, state, model, image, reason, createdAt, updatedAt } = job;
  const { predictions, concepts, concept, explanation } = job;
  const result =
    state === 'done' && image !== null ? { model, predictions, concepts, concept, image, explanation } : null;
  return { id, state, model, createdAt, updatedAt, result, reason };
}

/**
 * Records `failed` for a job that waits although no heavy model is deployed any more: nothing would
 * ever tell its client. If the model comes back in time, its answer replaces that.
 */
async function failWithoutModel(job: Job, { jobs, routes, now }: JobsDependencies): Promise<Job> {
  const waits = job.state === 'queued' || job.state === 'running';
  if (!waits || routes.heavy.length > 0) return job;
  const { code, message } = new HeavyModelRemovedError(job.model);
  const failed = toRefused(job, 'failed', toReason(code, message), now());
  if (await jobs.write(failed)) return failed;
  return (await jobs.read(job.id)) ?? failed;
}
