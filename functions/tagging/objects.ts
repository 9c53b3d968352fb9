import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import type { ObjectName } from '../records/record.ts';
import { MODEL_METADATA } from '../routing/route.ts';
import { IncompleteBodyError, ObjectAccessError } from './errors.ts';
import type { Tag } from './tags.ts';

/** One version of an object. Null means the current version. */
export interface ObjectVersion extends ObjectName {
  readonly versionId: string | null;
}

/** An object whose body must still be read or discarded. */
export interface OpenObject {
  /** Without quotes. */
  readonly eTag: string | null;
  /** Null in a bucket without versioning. */
  readonly versionId: string | null;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601, UTC, in whole seconds. When the object was written. */
  readonly lastModified: string | null;
  /** The model that the object's metadata names, or null. */
  readonly requestedModel: string | null;
  /**
   * Reads the whole body.
   * @throws {ImageTooLargeError} above `maxBytes`; the body is not read then
   * @throws {IncompleteBodyError} when the body ends early
   */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /** Reads at least the first `count` bytes, or all of a smaller object, and discards the rest. */
  beginning(count: number): Promise<Uint8Array>;
  discard(): void;
}

/**
 * The part of S3 that tagging uses. `gone`: the object was deleted (404, or 405 for a delete
 * marker). `superseded`: it has another ETag (412).
 * @throws {ObjectAccessError} on a 403
 */
export interface ObjectStore {
  open(object: ObjectVersion, ifMatch: string | null): Promise<OpenObject | 'gone' | 'superseded'>;
  exists(object: ObjectVersion): Promise<boolean>;
  tags(object: ObjectVersion): Promise<readonly Tag[] | 'gone'>;
  /** Replaces all tags. */
  putTags(object: ObjectVersion, tags: readonly Tag[]): Promise<'put' | 'gone'>;
}

export function openObjectStore(client: S3Client): ObjectStore {
  return {
    async open(object, ifMatch) {
      const command = new GetObjectCommand({
        ...target(object),
        ...(object.versionId === null && ifMatch !== null ? { IfMatch: `"${ifMatch}"` } : {}),
      });
      const found = await orAbsent(object, 'GetObject', client.send(command));
      if (found === 'gone' || found === 'superseded') return found;
      const { Body: body, ContentLength: size } = found;
      if (!(body instanceof Readable) || size === undefined) {
        throw new IncompleteBodyError(
          `GetObject ${describe(object)}: the answer of S3 has no body or no Content-Length.`,
        );
      }
      // The connection may be reset before anyone reads. An error event that has no listener ends
      // the process. A reader still gets the error.
      body.on('error', () => {});
      return {
        eTag: found.ETag?.replaceAll('"', '') ?? null,
        versionId: found.VersionId ?? null,
        size,
        lastModified: found.LastModified?.toISOString() ?? null,
        requestedModel: found.Metadata?.[MODEL_METADATA] || null,
        bytes: (maxBytes) => readBody(body, size, maxBytes, describe(object)),
        beginning: (count) => readBeginning(body, Math.min(count, size), describe(object)),
        discard: () => body.destroy(),
      };
    },

    async exists(object) {
      return (
        typeof (await orAbsent(object, 'HeadObject', client.send(new HeadObjectCommand(target(object))))) === 'object'
      );
    },

    async tags(object) {
      const found = await orAbsent(
        object,
        'GetObjectTagging',
        client.send(new GetObjectTaggingCommand(target(object))),
      );
      if (typeof found === 'string') return 'gone';
      return (found.TagSet ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
    },

    async putTags(object, tags) {
      const TagSet = tags.map(({ key, value }) => ({ Key: key, Value: value }));
      const command = new PutObjectTaggingCommand({ ...target(object), Tagging: { TagSet } });
      return typeof (await orAbsent(object, 'PutObjectTagging', client.send(command))) === 'string' ? 'gone' : 'put';
    },
  };
}

function target({ bucket, key, versionId }: ObjectVersion) {
  return { Bucket: bucket, Key: key, ...(versionId === null ? {} : { VersionId: versionId }) };
}

/**
 * Turns the errors that say that an object is gone or replaced into a result, and throws all
 * others.
 */
async function orAbsent<Output>(
  object: ObjectVersion,
  operation: string,
  request: Promise<Output>,
): Promise<Output | 'gone' | 'superseded'> {
  try {
    return await request;
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404 || status === 405) return 'gone';
    if (status === 412) return 'superseded';
    if (status !== 403) throw error;
    throw new ObjectAccessError(
      `${operation} ${describe(object)}: access denied (403). Grant the function s3:GetObject, s3:GetObjectTagging and s3:PutObjectTagging (in a bucket with versions also their Version forms), s3:ListBucket (without it S3 answers 403 for a deleted object, too) and the use of the bucket's KMS key. If the object is archived, restore it first.`,
      error,
    );
  }
}

async function readBody(body: Readable, size: number, maxBytes: number, name: string): Promise<Uint8Array> {
  if (size > maxBytes) {
    body.destroy();
    throw new ImageTooLargeError(tooLargeMessage(size, maxBytes));
  }
  const bytes = Buffer.alloc(size);
  let length = 0;
  for await (const chunk of body) {
    const part: Uint8Array = chunk;
    // Leaving the loop destroys the stream.
    if (length + part.length > size) throw new IncompleteBodyError(`${name}: expected ${size} bytes, received more.`);
    bytes.set(part, length);
    length += part.length;
  }
  if (length < size) throw new IncompleteBodyError(`${name}: expected ${size} bytes, received ${length}.`);
  return bytes;
}

async function readBeginning(body: Readable, count: number, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunks.at(-1)?.length ?? 0;
    // Leaving the loop destroys the stream.
    if (length >= count) break;
  }
  if (length < count) throw new IncompleteBodyError(`${name}: expected ${count} bytes, received ${length}.`);
  return Buffer.concat(chunks);
}

/** The message about an image above the limit, whether it was read or not. */
export function tooLargeMessage(size: number, maxBytes: number): string {
  return `the image has ${size} bytes, more than the limit of ${maxBytes}. Make it smaller, or raise the limit.`;
}

function describe({ bucket, key, versionId }: ObjectVersion): string {
  return `s3://${bucket}/${key}${versionId === null ? '' : ` (version ${versionId})`}`;
}
