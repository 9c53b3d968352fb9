import * as z from 'zod';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import { isObjectKey, MAX_KEY_BYTES } from '../object-key.ts';
import type { ObjectName } from '../records/record.ts';
import type { ObjectStore, OpenObject } from '../tagging/objects.ts';
import { ImageNotFoundError, UnsupportedMediaTypeError } from './errors.ts';
import { JSON_MEDIA_TYPE, readJson } from './json-body.ts';
import { MAX_REQUEST_BYTES } from './limits.ts';
import { OCTET_STREAM } from './media-types.ts';
import type { ApiRequest } from './request.ts';

/** The picture to classify: the body itself, or an object of the watched bucket. */
export type PictureSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly name: ObjectName };

/** The accepted media types, for the member `accepted` of a problem. */
const ACCEPTED = ['image/*', OCTET_STREAM, JSON_MEDIA_TYPE];

const EXPECTED_KEY = `expected 1 to ${MAX_KEY_BYTES} bytes of UTF-8`;

/** `{"key"}`: an object of the bucket. */
export const byKeySchema = z.strictObject(
  {
    key: z
      .string('expected the key of an object')
      .min(1, EXPECTED_KEY)
      .max(MAX_KEY_BYTES, EXPECTED_KEY)
      .refine(isObjectKey, EXPECTED_KEY),
  },
  { error: 'expected a JSON object with the field "key" and no other' },
);

/**
 * Reads the body of `POST /classify`. The media type only separates a picture from JSON; the format
 * is detected from the bytes.
 * @throws {UnsupportedMediaTypeError} {@link MalformedBodyError} {@link BodyTooLargeError}
 * @throws {ImageTooLargeError} saying how to send larger pictures
 */
export function readPictureSource(request: ApiRequest, bucket: string): PictureSource {
  const { contentType, body } = request;
  if (contentType === JSON_MEDIA_TYPE) {
    return { kind: 'object', name: { bucket, key: readJson(byKeySchema, request).key } };
  }
  // Without a media type a body is octets (RFC 9110, 8.3).
  if (contentType !== null && contentType !== OCTET_STREAM && !/^image\/[^/]+$/.test(contentType)) {
    throw new UnsupportedMediaTypeError(contentType, ACCEPTED);
  }
  if (body.size > MAX_REQUEST_BYTES) {
    throw new ImageTooLargeError(
      `the picture has ${body.size} bytes, more than the limit of ${MAX_REQUEST_BYTES} for a request: upload it to the bucket (POST /uploads), then classify it by its key`,
    );
  }
  return { kind: 'bytes', bytes: body.bytes() };
}

/**
 * Opens the current version of an object of the bucket.
 * @throws {ImageNotFoundError}
 */
export async function openPicture(name: ObjectName, objects: Pick<ObjectStore, 'open'>): Promise<OpenObject> {
  const object = await objects.open({ ...name, versionId: null }, null);
  if (typeof object === 'string') throw new ImageNotFoundError(name.key);
  return object;
}
