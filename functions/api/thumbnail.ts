import * as z from 'zod';
import {
  type ImageError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from '../../classifier/errors.ts';
import type { ImageRecord, ObjectName } from '../records/record.ts';
import type { RecordStore } from '../records/store.ts';
import type { ObjectStore } from '../tagging/objects.ts';
import { type KeptThumbnail, THUMBNAIL_VERSION, type ThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import type { ImageBucket } from './bucket.ts';
import { ImageNotFoundError } from './errors.ts';
import { keyOfId, readQuery } from './parameters.ts';
import { openPicture } from './picture.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './response.ts';

export interface ThumbnailDependencies {
  readonly bucketName: string;
  readonly bucket: Pick<ImageBucket, 'find'>;
  readonly objects: Pick<ObjectStore, 'open'>;
  readonly records: Pick<RecordStore, 'readRecord'>;
  readonly thumbnails: ThumbnailStore;
  /** @throws {ImageError} when the image cannot be decoded */
  readonly makeThumbnail: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** Larger objects are refused before they are read. */
  readonly maxImageBytes: number;
}

const thumbnailQuerySchema = z.object({});

/** Errors that an image with the same content gives each time. */
const REJECTIONS: ReadonlyMap<string, new (message: string) => ImageError> = new Map(
  Object.entries({
    'not-an-image': NotAnImageError,
    'unsupported-format': UnsupportedFormatError,
    'truncated-image': TruncatedImageError,
    'too-many-pixels': TooManyPixelsError,
  }),
);

/**
 * `GET /images/{id}/thumbnail`: a small WebP of an image of the bucket. It is made when it is first
 * asked for, and kept for the next time.
 */
export async function getThumbnail(request: ApiRequest, dependencies: ThumbnailDependencies): Promise<ApiResponse> {
  readQuery(thumbnailQuerySchema, request.query);
  const { bucketName, bucket, thumbnails } = dependencies;
  const image = { bucket: bucketName, key: keyOfId(request.parameters['id'] ?? '') };
  const known = request.headers['if-none-match'];
  const [object, kept] = await Promise.all([
    bucket.find(image.key),
    known === undefined ? thumbnails.read(image) : null,
  ]);
  if (object === null) throw new ImageNotFoundError(image.key);
  if (known !== undefined) {
    const eTag = answerETag(object.eTag);
    if (matches(known, eTag)) return answer(304, eTag);
  }
  const found = known === undefined ? kept : await thumbnails.read(image);
  const thumbnail = found?.imageETag === object.eTag ? found : await make(image, object.eTag, dependencies);
  return answer(200, answerETag(thumbnail.imageETag), thumbnail.bytes);
}

/** @throws {ImageError} when it cannot be decoded; not read again if its record says so */
async function make(
  image: ObjectName,
  eTag: string | null,
  dependencies: ThumbnailDependencies,
): Promise<KeptThumbnail> {
  const { objects, records, makeThumbnail, maxImageBytes } = dependencies;
  const record = await records.readRecord(image);
  if (record?.state === 'rejected' && record.eTag === eTag) throwRejection(record.reason);
  const object = await openPicture(image, objects);
  const bytes = await makeThumbnail(await object.bytes(maxImageBytes));
  const thumbnail = { imageETag: object.eTag ?? '', bytes };
  await keepThumbnail(image, thumbnail, dependencies);
  return thumbnail;
}

/**
 * Keeps a thumbnail for as long as its image has this content. The function that records a
 * replacement or a deletion removes the thumbnail of the record before. So a thumbnail is kept only
 * if the image has a record of this content, and only if the image is the same once it is written:
 * it may have been replaced, and that event handled, meanwhile.
 */
export async function keepThumbnail(
  image: ObjectName,
  thumbnail: KeptThumbnail,
  { bucket, records, thumbnails }: Pick<ThumbnailDependencies, 'bucket' | 'records' | 'thumbnails'>,
): Promise<void> {
  const record = await records.readRecord(image);
  if (record?.eTag !== thumbnail.imageETag) return;
  await thumbnails.write(image, thumbnail);
  const object = await bucket.find(image.key);
  if (object?.eTag !== thumbnail.imageETag) await thumbnails.remove(image);
}

/** Throws what decoding the image threw, if it is known. */
function throwRejection(reason: ImageRecord['reason']): void {
  const Rejection = REJECTIONS.get(reason?.code ?? '');
  if (reason !== null && Rejection !== undefined) throw new Rejection(reason.message);
}

function answer(status: 200 | 304, eTag: string, bytes: Uint8Array = new Uint8Array()): ApiResponse {
  return {
    statusCode: status,
    headers: {
      ...(status === 200 ? { 'content-type': 'image/webp' } : {}),
      etag: eTag,
      // A browser keeps it, and asks each time whether it is still that of the image.
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(bytes).toString('base64'),
    isBase64Encoded: true,
  };
}

function answerETag(imageETag: string): string {
  return `"${imageETag}-${THUMBNAIL_VERSION}"`;
}

/** Whether an `If-None-Match` (RFC 9110, 13.1.2) names the ETag. */
function matches(header: string, eTag: string): boolean {
  return header.split(',').some((one) => ['*', eTag, `W/${eTag}`].includes(one.trim()));
}
