import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { isWatched, type WatchedObjects } from '../watched-objects.ts';
import { InvalidParameterError } from './errors.ts';
import { contentTypeOf, extensionOf } from './media-types.ts';
import { openPresigner } from './presigned-get.ts';

/** How long a presigned URL or form is valid. */
export const PRESIGNED_SECONDS = 300;

/** An object as S3 has it now. */
export interface BucketObject {
  readonly key: string;
  /** Without quotes. */
  readonly eTag: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string | null;
}

export interface PresignedUrl {
  readonly url: string;
  readonly expiresAt: Date;
}

export interface PresignedForm extends PresignedUrl {
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The part of a watched bucket that the API uses. */
export interface ImageBucket {
  /**
   * Lists at most `limit` objects after that key, in the order of the keys' UTF-8 bytes. Only
   * current versions are listed, and only what is watched: there may be fewer than `limit`.
   * `lastKey` is the last one that was looked at.
   */
  list(
    limit: number,
    afterKey: string | null,
  ): Promise<{ objects: readonly BucketObject[]; hasMore: boolean; lastKey: string | null }>;
  /** Returns null when there is no such object, or it is not watched. */
  find(key: string): Promise<BucketObject | null>;
  /**
   * Signs a GET whose answer browsers show, with the media type of `format` instead of the
   * uploader's.
   */
  presignGet(key: string, versionId: string | null, format: string | null): Promise<PresignedUrl>;
  /**
   * Signs a form for one new key, which is watched. It accepts only this media type, and 1 to
   * `maxBytes` bytes.
   * @throws {InvalidParameterError} when keys of that media type are not watched
   */
  presignPost(contentType: string, maxBytes: number): Promise<PresignedForm>;
}

/**
 * Opens a bucket.
 * @param watched which objects of it are tagged; others are as if they were not there
 */
export function openImageBucket(
  client: S3Client,
  bucket: string,
  now: () => Date,
  watched: readonly WatchedObjects[] = [{ bucket, prefix: '', suffix: '' }],
): ImageBucket {
  const prefix = commonPrefix(watched);
  const expiry = () => new Date(now().getTime() + PRESIGNED_SECONDS * 1000);
  const presign = openPresigner(client, bucket, PRESIGNED_SECONDS);
  return {
    async list(limit, afterKey) {
      const { Contents = [], IsTruncated = false } = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          MaxKeys: limit,
          ...(prefix === '' ? {} : { Prefix: prefix }),
          // XML cannot hold every character that a key can.
          EncodingType: 'url',
          ...(afterKey === null ? {} : { StartAfter: afterKey }),
        }),
      );
      const objects = Contents.map(({ Key = '', ETag = '', LastModified }) => ({
        key: formDecode(Key),
        eTag: unquote(ETag),
        lastModified: LastModified?.toISOString() ?? null,
      }));
      return {
        objects: objects.filter(({ key }) => isWatched(watched, { bucket, key })),
        hasMore: IsTruncated,
        lastKey: objects.at(-1)?.key ?? null,
      };
    },

    async find(key) {
      if (!isWatched(watched, { bucket, key })) return null;
      try {
        const { ETag = '', LastModified } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return { key, eTag: unquote(ETag), lastModified: LastModified?.toISOString() ?? null };
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === 404 || status === 405) return null;
        throw error;
      }
    },

    async presignGet(key, versionId, format) {
      const expiresAt = expiry();
      return { url: await presign(key, { versionId, contentType: contentTypeOf(format) }), expiresAt };
    },

    async presignPost(contentType, maxBytes) {
      const key = newKey(contentType, watched);
      const expiresAt = expiry();
      const { url, fields } = await createPresignedPost(client, {
        Bucket: bucket,
        Key: key,
        Fields: { 'Content-Type': contentType },
        Conditions: [
          ['eq', '$Content-Type', contentType],
          ['content-length-range', 1, maxBytes],
        ],
        Expires: PRESIGNED_SECONDS,
      });
      return { key, url, fields, expiresAt };
    },
  };
}

function newKey(contentType: string, watched: readonly WatchedObjects[]): string {
  const name = `uploads/${randomUUID()}${extensionOf(contentType)}`;
  const place = watched.find(({ suffix }) => name.endsWith(suffix));
  if (place !== undefined) return `${place.prefix}${name}`;
  throw new InvalidParameterError(
    'contentType',
    `pictures of this type get keys that end with ${extensionOf(contentType)}, and the bucket tags only those that end with ${watched.map(({ suffix }) => suffix).join(', ')}`,
  );
}

/** What all watched keys begin with. */
function commonPrefix([first, ...others]: readonly WatchedObjects[]): string {
  let prefix = first?.prefix ?? '';
  while (!others.every((other) => other.prefix.startsWith(prefix))) prefix = prefix.slice(0, -1);
  return prefix;
}

function unquote(eTag: string): string {
  return eTag.replaceAll('"', '');
}

function formDecode(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
