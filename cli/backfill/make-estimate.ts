import { watchedBucketOf } from '../../functions/backfill/bucket-of.ts';
import { type RunRequest, runRequestSchema } from '../../functions/backfill/run-request.ts';
import { estimateBackfill } from '../estimates/backfill-estimate.ts';
import { countObjects } from './count-objects.ts';
import { estimateText } from './estimate-text.ts';
import type { ObjectCount } from './object-count.ts';
import type { Backfill } from './open-backfill.ts';
import type { FunctionFacts } from './read-function.ts';

/**
 * Counts the objects of a run, and says what it would cost and how long it would take.
 * @throws {InvalidRunRequestError} when its bucket is not watched
 */
export async function makeEstimate(
  { deployment, region, concurrency: usual }: Backfill,
  request: RunRequest,
  facts: FunctionFacts,
): Promise<{ readonly count: ObjectCount; readonly text: string }> {
  const run = runRequestSchema.parse(request);
  const { clients } = deployment;
  const { watched } = facts;
  const bucket = watchedBucketOf(run, watched);
  const count = await countObjects({ ...run, s3: clients.s3, region, bucket, watched });
  const concurrency = run.concurrency ?? usual;
  const estimate = estimateBackfill({ ...facts, concurrency, images: count.objects, listed: count.listed });
  return { count, text: estimateText(bucket, count, estimate, concurrency) };
}
