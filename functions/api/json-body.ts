import type * as z from 'zod';
import { readBody } from './content-encoding.ts';
import { BodyTooLargeError, MalformedBodyError, UnsupportedMediaTypeError } from './errors.ts';
import type { ApiRequest } from './request.ts';

/** Enough for a key of 1,024 characters that are all escaped. */
export const MAX_JSON_BYTES = 16_384;

export const JSON_MEDIA_TYPE = 'application/json';

/** A larger body may hold one long text, but not so many values that they fill the memory. */
const MAX_VALUES = 1000;

const VALUE_MARKS = ['[', '{', ','];

/**
 * Reads a JSON body.
 * @throws {UnsupportedMediaTypeError} {@link BodyTooLargeError}
 * @throws {MalformedBodyError} naming the wrong field and what was expected
 */
export function readJson<Schema extends z.ZodType>(schema: Schema, request: ApiRequest): z.output<Schema> {
  const { contentType } = request;
  if (contentType !== JSON_MEDIA_TYPE) throw new UnsupportedMediaTypeError(contentType, [JSON_MEDIA_TYPE]);
  const bytes = readBody(request, MAX_JSON_BYTES, (size) => new BodyTooLargeError(size, MAX_JSON_BYTES));
  return checkJson(schema, parseJson(bytes));
}

/** @throws {MalformedBodyError} */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length > MAX_JSON_BYTES && hasManyValues(bytes)) {
    throw new MalformedBodyError(
      `the body has more than ${MAX_VALUES} values: send only the fields in GET /openapi.yaml`,
    );
  }
  if (bytes.length === 0) throw new MalformedBodyError('the body is empty: send JSON in it');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MalformedBodyError('the body is not JSON in UTF-8: correct it and send it again', cause);
  }
}

/**
 * Checks a value that came as JSON.
 * @throws {MalformedBodyError} naming the wrong field and what was expected
 */
export function checkJson<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the body';
  throw new MalformedBodyError(`${place}: ${issue?.message.slice(0, 500)}`, parsed.error);
}

/** Base64 has none of the counted characters. */
function hasManyValues(bytes: Buffer): boolean {
  let count = 0;
  for (const mark of VALUE_MARKS) {
    for (let at = bytes.indexOf(mark); at >= 0 && count <= MAX_VALUES; at = bytes.indexOf(mark, at + 1)) count += 1;
  }
  return count > MAX_VALUES;
}
