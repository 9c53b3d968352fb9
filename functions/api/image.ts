import type { ImageRecord } from '../records/record.ts';
import type * as Wire from '../wire.ts';
import type { BucketObject, ImageBucket } from './bucket.ts';
import { isImageFormat } from './media-types.ts';
import { idOfKey } from './parameters.ts';

/** The fields of an image that is in the bucket, and that no model has looked at yet. */
const NOT_LOOKED_AT = {
  state: 'pending',
  versionId: null,
  model: null,
  predictions: [],
  concepts: [],
  concept: null,
  size: null,
  width: null,
  height: null,
  format: null,
  reason: null,
  lastModified: null,
  createdAt: null,
  updatedAt: null,
} as const;

/** Returns the record if it describes the present content of the object, and null otherwise. */
export function currentRecord(record: ImageRecord | undefined | null, { eTag }: BucketObject): ImageRecord | null {
  return record?.eTag === eTag ? record : null;
}

/**
 * Returns an image as the API shows it, with a new URL.
 * @param object the present object, if it was looked up
 */
export async function describeImage(
  key: string,
  record: ImageRecord | null,
  bucket: Pick<ImageBucket, 'presignGet'>,
  { object, match }: { readonly object?: BucketObject; readonly match?: Wire.Image['match'] } = {},
): Promise<Wire.Image> {
  const facts = record ?? NOT_LOOKED_AT;
  const format = isImageFormat(facts.format) ? facts.format : null;
  const { url, expiresAt } = await bucket.presignGet(key, facts.versionId, format);
  return {
    id: idOfKey(key),
    key,
    url,
    urlExpiresAt: expiresAt.toISOString(),
    state: facts.state,
    model: facts.model,
    predictions: facts.predictions,
    concepts: facts.concepts,
    concept: facts.concept,
    size: facts.size,
    width: facts.width,
    height: facts.height,
    format,
    reason: facts.reason,
    lastModified: facts.lastModified ?? object?.lastModified ?? null,
    createdAt: facts.createdAt,
    updatedAt: facts.updatedAt,
    ...(match === undefined ? {} : { match }),
  };
}
