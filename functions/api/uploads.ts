import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type * as Wire from '../wire.ts';
import { type ImageBucket, PRESIGNED_SECONDS } from './bucket.ts';
import type { AnswerOnce } from './idempotency.ts';
import { readJson } from './json-body.ts';
import { ALIASES, UPLOAD_TYPES } from './media-types.ts';
import { idOfKey, readQuery } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface UploadsDependencies {
  readonly bucket: Pick<ImageBucket, 'presignPost'>;
  /** Limit for an upload. Larger pictures would be rejected after it. */
  readonly maxImageBytes: number;
  readonly answerOnce: AnswerOnce;
}

/** A form that is given again is good for another minute at least. */
export const FORM_KEPT_SECONDS = PRESIGNED_SECONDS - 60;

export const uploadRequestSchema = z.strictObject(
  { contentType: z.enum([...UPLOAD_TYPES, ...Object.keys(ALIASES)], `expected one of ${UPLOAD_TYPES.join(', ')}`) },
  { error: 'expected a JSON object with the field "contentType" and no other' },
);

/** `POST /uploads`: permission to upload one picture to the bucket. */
export async function createUpload(
  request: ApiRequest,
  { bucket, maxImageBytes, answerOnce }: UploadsDependencies,
  context: Context,
): Promise<ApiResponse> {
  readQuery(z.object({}), request.query);
  const { contentType } = readJson(uploadRequestSchema, request);
  const makeForm = async (): Promise<ApiResponse> => {
    const type = ALIASES[contentType] ?? contentType;
    const { key, url, fields, expiresAt } = await bucket.presignPost(type, maxImageBytes);
    const id = idOfKey(key);
    const upload: Wire.Upload = { id, key, url, fields, maxBytes: maxImageBytes, expiresAt: expiresAt.toISOString() };
    const inBucket = request.bucket === undefined ? '' : `?bucket=${encodeURIComponent(request.bucket)}`;
    return json(201, upload, { location: `/images/${id}${inBucket}` });
  };
  return answerOnce(request, context, makeForm, FORM_KEPT_SECONDS);
}
