import type * as z from 'zod';
import { BodyTooLargeError, MalformedBodyError, UnsupportedMediaTypeError } from './errors.ts';
import type { ApiRequest } from './request.ts';

/** Enough for a key of 1,024 characters that are all escaped. */
export const MAX_JSON_BYTES = 16_384;

export const JSON_MEDIA_TYPE = 'application/json';

/**
 * Reads a JSON body.
 * @throws {UnsupportedMediaTypeError} {@link BodyTooLargeError}
 * @throws {MalformedBodyError} naming the wrong field and what was expected
 */
export function readJson<Schema extends z.ZodType>(
  schema: Schema,
  { contentType, body }: ApiRequest,
): z.output<Schema> {
  if (contentType !== JSON_MEDIA_TYPE) throw new UnsupportedMediaTypeError(contentType, [JSON_MEDIA_TYPE]);
  if (body.size > MAX_JSON_BYTES) throw new BodyTooLargeError(body.size, MAX_JSON_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.bytes()));
  } catch (cause) {
    if (cause instanceof MalformedBodyError) throw cause;
    throw new MalformedBodyError('the body is not JSON in UTF-8: correct it and send it again', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the body';
  throw new MalformedBodyError(`${place}: ${issue?.message.slice(0, 500)}`, parsed.error);
}
