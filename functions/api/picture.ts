import * as z from 'zod';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import { isObjectKey, MAX_KEY_BYTES } from '../object-key.ts';
import type { ObjectName } from '../records/record.ts';
import type { ObjectStore, OpenObject } from '../tagging/objects.ts';
import { decodePicture } from './base64.ts';
import { readBody } from './content-encoding.ts';
import { ImageNotFoundError, MalformedBodyError, UnsupportedMediaTypeError } from './errors.ts';
import { FORM_MEDIA_TYPE, parseForm } from './form.ts';
import { checkJson, JSON_MEDIA_TYPE, parseJson } from './json-body.ts';
import { MAX_FORM_BYTES, MAX_JSON_PICTURE_BYTES, MAX_REQUEST_BYTES } from './limits.ts';
import { OCTET_STREAM } from './media-types.ts';
import { beginsAsPicture, pictureOf } from './picture-form.ts';
import type { ApiRequest } from './request.ts';

/** The picture to classify: bytes of the request, or an object of the watched bucket. */
export type PictureSource =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'object'; readonly name: ObjectName };

/** The accepted media types, for the member `accepted` of a problem. */
const ACCEPTED = ['image/*', OCTET_STREAM, FORM_MEDIA_TYPE, JSON_MEDIA_TYPE];

/** Media types of which only the bytes say more. The second is S3's. */
const OPAQUE = /^(image\/[^/]+|(application|binary)\/octet-stream)$/;

/** API Gateway hands these over as text, so a picture in them is damaged. */
const TEXT = /^(text\/|application\/(xml|javascript)$)/;

const WEB_FORM = 'application/x-www-form-urlencoded';
const CURL_FOR_PICTURES =
  "curl -F file=@photo.jpg, or curl -H 'content-type: image/jpeg' --data-binary @photo.jpg, because -d drops bytes";
const CURL_HINT = `. With -d and --data-binary curl says ${WEB_FORM}. For a picture use ${CURL_FOR_PICTURES}; for JSON add -H 'content-type: application/json'`;

/** What `curl -d @FILE` drops: zeros and the two characters of line ends. */
const DROPPED_BYTES = [0, 10, 13];
/** A sound picture of this size has some of them. */
const SURE_FROM_BYTES = 256;

const EXPECTED_KEY = `expected 1 to ${MAX_KEY_BYTES} bytes of UTF-8`;
const EXPECTED_FIELD =
  'expected a JSON object with the field "key" (of an object in the bucket) or "image" (a picture in base64), and no other';

/** `{"key"}`: an object of the bucket. */
export const byKeySchema = z.strictObject(
  {
    key: z
      .string('expected the key of an object')
      .min(1, EXPECTED_KEY)
      .max(MAX_KEY_BYTES, EXPECTED_KEY)
      .refine(isObjectKey, EXPECTED_KEY),
  },
  { error: EXPECTED_FIELD },
);

/** `{"image"}`: the picture itself, in base64. */
export const inJsonSchema = z.strictObject(
  { image: z.string('expected a picture in base64') },
  { error: EXPECTED_FIELD },
);

/**
 * Reads the body of `POST /classify`. The media type only says how the picture is wrapped; its
 * format is detected from the bytes.
 * @throws {UnsupportedMediaTypeError} {@link UnsupportedContentEncodingError}
 * @throws {MalformedBodyError} {@link InvalidParameterError}
 * @throws {ImageTooLargeError} saying how to send larger pictures
 */
export async function readPictureSource(request: ApiRequest, bucket: string): Promise<PictureSource> {
  const { contentType } = request;
  if (request.body.size === 0) {
    throw new MalformedBodyError('the body is empty: send the picture in it (curl -F file=@photo.jpg)');
  }
  if (contentType === JSON_MEDIA_TYPE) {
    return fromJson(readBody(request, MAX_JSON_PICTURE_BYTES, tooLarge(MAX_JSON_PICTURE_BYTES)), bucket);
  }
  if (contentType === FORM_MEDIA_TYPE) {
    const body = readBody(request, MAX_FORM_BYTES, tooLarge(MAX_FORM_BYTES));
    return fromBytes(pictureOf(await parseForm(request.headers['content-type'] ?? '', body)));
  }
  if (contentType !== null && TEXT.test(contentType)) throw new UnsupportedMediaTypeError(contentType, ACCEPTED);
  const bytes = readBody(request, MAX_REQUEST_BYTES, tooLarge(MAX_REQUEST_BYTES));
  if (isFromCurlData(bytes)) {
    throw new MalformedBodyError(
      `the picture arrived without its zeros and line ends, so it is damaged. Send it with ${CURL_FOR_PICTURES}`,
    );
  }
  if (contentType === null) return beginsAsJson(bytes) ? fromJson(bytes, bucket) : fromBytes(bytes);
  if (OPAQUE.test(contentType) || beginsAsPicture(bytes)) return fromBytes(bytes);
  throw new UnsupportedMediaTypeError(contentType, ACCEPTED, contentType === WEB_FORM ? CURL_HINT : '');
}

/**
 * Returns the request in its plain form: the same picture or key is the same request, whatever
 * boundary a form has, however JSON is spaced and however the body is compressed.
 */
export function withoutWrapping(request: ApiRequest, source: PictureSource): ApiRequest {
  const [contentType, bytes] =
    source.kind === 'bytes'
      ? [null, source.bytes]
      : [JSON_MEDIA_TYPE, Buffer.from(JSON.stringify({ key: source.name.key }))];
  return { ...request, contentType, body: { size: bytes.length, isText: false, bytes: () => bytes } };
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

function fromJson(body: Buffer, bucket: string): PictureSource {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedBodyError(EXPECTED_FIELD);
  if (!Object.hasOwn(value, 'image')) {
    if (!Object.hasOwn(value, 'key')) throw new MalformedBodyError(`${EXPECTED_FIELD}, found neither`);
    return { kind: 'object', name: { bucket, key: checkJson(byKeySchema, value).key } };
  }
  return fromBytes(decodePicture(checkJson(inJsonSchema, value).image));
}

function fromBytes(bytes: Buffer): PictureSource {
  if (bytes.length > MAX_REQUEST_BYTES) throw tooLarge(MAX_REQUEST_BYTES)(`has ${bytes.length} bytes, more than`);
  return { kind: 'bytes', bytes };
}

function tooLarge(maxBytes: number): (size: string) => ImageTooLargeError {
  const what = maxBytes === MAX_REQUEST_BYTES ? 'picture' : 'body';
  return (size) =>
    new ImageTooLargeError(
      `the ${what} ${size} the limit of ${maxBytes} bytes for a request: upload the picture to the bucket (POST /uploads), then classify it by its key`,
    );
}

function isFromCurlData(bytes: Buffer): boolean {
  return (
    bytes.length >= SURE_FROM_BYTES && !DROPPED_BYTES.some((byte) => bytes.includes(byte)) && beginsAsPicture(bytes)
  );
}

/** No picture begins with a brace. */
function beginsAsJson(bytes: Buffer): boolean {
  return /^\s*\{/.test(bytes.toString('latin1', 0, 100));
}
