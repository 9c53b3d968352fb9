import type { WatchedObjects } from '../watched-objects.ts';
import type { Run } from './run-request.ts';

/** The bucket that a run is about: the one that it names, or the first one. */
export function bucketOf({ bucket }: Pick<Run, 'bucket'>, [first]: readonly WatchedObjects[]): string {
  return bucket ?? first?.bucket ?? '';
}
