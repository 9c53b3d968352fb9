import { type WatchedObjects, watchedBuckets } from '../watched-objects.ts';
import { InvalidRunRequestError } from './errors.ts';
import type { Run } from './run-request.ts';

/** The bucket that a run is about: the one that it names, or the first one. */
export function bucketOf({ bucket }: Pick<Run, 'bucket'>, [first]: readonly WatchedObjects[]): string {
  return bucket ?? first?.bucket ?? '';
}

/**
 * Returns the bucket that a run is about.
 * @throws {InvalidRunRequestError} when it is not watched
 */
export function watchedBucketOf(run: Pick<Run, 'bucket'>, watched: readonly WatchedObjects[]): string {
  const bucket = bucketOf(run, watched);
  const buckets = watchedBuckets(watched);
  if (!buckets.includes(bucket)) {
    throw new InvalidRunRequestError(
      `the run asks for the bucket ${bucket}, and ${buckets.join(', ')} is what is watched. Watch that bucket, too, or name another.`,
    );
  }
  return bucket;
}
