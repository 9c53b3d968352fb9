import { type Job, type JobSource, toJob } from '../records/job.ts';
import type { JobStore } from '../records/job-store.ts';
import { HEAVY_MESSAGE_VERSION, type SendHeavyRequest } from '../routing/heavy-message.ts';

export interface AnswerLaterDependencies {
  readonly jobs: Pick<JobStore, 'create' | 'read'>;
  /**
   * Sends a request to a heavy model. Null if there is no heavy queue; then no route leads here.
   */
  readonly askHeavy: SendHeavyRequest | null;
  /** Stores the posted picture of a job in the service bucket. */
  readonly keepPicture: (jobId: string, bytes: Uint8Array) => Promise<JobSource>;
  readonly now: () => Date;
}

/** A question for a heavy model. */
export interface HeavyQuestion {
  readonly id: string;
  readonly model: string;
  readonly top: number;
  readonly explain: boolean;
  /** The bytes, or the place of an object in S3. */
  readonly picture: Uint8Array | JobSource;
}

/**
 * Queues a question for a heavy model. It stores the picture, then the job, then sends the message,
 * so a worker that gets the message finds the other two. If the id has a job already, that job is
 * the answer; its message is sent again only while no worker has begun.
 */
export async function answerLater(
  { id, model, top, explain, picture }: HeavyQuestion,
  { jobs, askHeavy, keepPicture, now }: AnswerLaterDependencies,
): Promise<Job> {
  if (askHeavy === null)
    throw new TypeError(`model ${model} must answer through the heavy queue, but there is no heavy queue`);
  const source = picture instanceof Uint8Array ? await keepPicture(id, picture) : picture;
  const fresh = toJob({ id, model, top, explain, source }, now());
  const job = (await jobs.create(fresh)) ? fresh : ((await jobs.read(id)) ?? fresh);
  if (job.state !== 'queued') return job;
  await askHeavy({
    version: HEAVY_MESSAGE_VERSION,
    jobId: id,
    source: { ...job.source, sequencer: null },
    model: job.model,
    top: job.top,
    explain: job.explain,
  });
  return job;
}
