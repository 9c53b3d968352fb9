import type { ObjectStore } from '../tagging/objects.ts';
import type { ImageBucket } from './bucket.ts';
import { InvalidParameterError } from './errors.ts';
import type { ImagesDependencies } from './images.ts';
import type { ApiRequest } from './request.ts';

/** What the API uses of one watched bucket. */
export interface BucketParts extends Pick<ImagesDependencies, 'readRecords' | 'search' | 'newest'> {
  readonly bucketName: string;
  readonly bucket: ImageBucket;
  readonly objects: Pick<ObjectStore, 'open'>;
}

export interface NamedBucketDependencies {
  /** The parts of each watched bucket, by its name. */
  readonly buckets: ReadonlyMap<string, BucketParts>;
}

const PARAMETER = 'bucket';

/**
 * Reads which watched bucket a request is about. A request that names none is about the first one.
 * @returns the request without the parameter, and the dependencies with the parts of that bucket
 * @throws {InvalidParameterError} when that bucket is not watched, or it is named twice
 */
export function atNamedBucket<Dependencies extends NamedBucketDependencies>(
  request: ApiRequest,
  dependencies: Dependencies,
): { readonly request: ApiRequest; readonly dependencies: Dependencies } {
  const [bucket, ...more] = request.query.getAll(PARAMETER);
  if (bucket === undefined) return { request, dependencies };
  if (more.length > 0) throw new InvalidParameterError(PARAMETER, 'it is given more than once: send it once');
  const parts = dependencies.buckets.get(bucket);
  if (parts === undefined) {
    throw new InvalidParameterError(PARAMETER, `expected one of ${[...dependencies.buckets.keys()].join(', ')}`);
  }
  const query = new URLSearchParams(request.query);
  query.delete(PARAMETER);
  return { request: { ...request, query, bucket }, dependencies: { ...dependencies, ...parts } };
}
