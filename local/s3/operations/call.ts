import type { S3EventName } from '../events.ts';
import type { S3Request } from '../request.ts';
import type { S3Response } from '../response.ts';
import { type Bucket, type Change, shownVersionId } from '../store/bucket.ts';
import type { Content, Description, ObjectVersion } from '../store/object-version.ts';
import { hashKey } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** A change that is reported by the notifications of its bucket. */
export interface AnnouncedChange {
  readonly bucket: Bucket;
  readonly key: string;
  readonly eventName: S3EventName;
  /** The written version, or the removed version with the sequencer of the removal. */
  readonly version: ObjectVersion;
}

/** One request on its way through an operation. */
export interface S3Call {
  readonly request: S3Request;
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Reports a change that is on disk. */
  readonly announce: (change: AnnouncedChange) => void;
  /** ARN of the queue that gets the changes. */
  readonly eventsQueueArn: string;
}

export type Operation = (call: S3Call) => Promise<S3Response> | S3Response;

/** An object that is about to be written. */
export interface NewObject {
  readonly bucket: Bucket;
  readonly key: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Returns what is known once all bytes have arrived. */
  readonly describe: () => Omit<Content, 'segments'> & Description;
  readonly eventName: S3EventName;
  readonly check?: Change['check'];
}

/**
 * Returns the bucket and key that the path names. The routes let no request through without them.
 * @throws S3Error NoSuchBucket
 */
export function target({ request, store }: S3Call): { bucket: Bucket; key: string } {
  return { bucket: store.bucket(request.bucket ?? ''), key: request.key ?? '' };
}

/**
 * Stores bytes as a new object and reports the change. If anything fails, none of the bytes stay.
 */
export async function writeObject(
  { announce }: S3Call,
  { bucket, key, bytes, describe, eventName, check }: NewObject,
): Promise<ObjectVersion> {
  const segments = await bucket.data.write(hashKey(key), bytes);
  try {
    return await bucket.put(
      key,
      { segments, ...describe() },
      { ...(check && { check }), announce: ({ version }) => announce({ bucket, key, eventName, version }) },
    );
  } catch (error) {
    await bucket.data.remove(segments);
    throw error;
  }
}

/** Makes the header that names a version, if the bucket has versions. */
export function versionHeader(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  const versionId = shownVersionId(bucket, version);
  return versionId === undefined ? {} : { 'x-amz-version-id': versionId };
}

export function quote(eTag: string): string {
  return `"${eTag}"`;
}
