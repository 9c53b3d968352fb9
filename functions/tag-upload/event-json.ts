import * as z from 'zod';
import { MAX_KEY_BYTES } from '../object-key.ts';
import { malformed } from './errors.ts';

/** The name of a bucket in an event. */
export const bucketNameSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/]+$/);

/** The version id in an event. */
export const versionIdSchema = z.string().min(1).max(1024);

/** When an event happened, ISO 8601 in UTC with milliseconds. Null if the event does not say it. */
export const eventTimeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .nullable()
  .catch(null);

/**
 * Parses JSON.
 * @param what names the text in the error
 * @throws {MalformedEventError}
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(`${what} of ${text.length} characters is not JSON`, cause);
  }
}

/**
 * Checks a key that is not encoded.
 * @throws {MalformedEventError} unless it is Unicode of 1 to 1,024 bytes in UTF-8
 */
export function checkKey(key: string): string {
  if (/\p{Surrogate}/u.test(key)) throw malformed(`its key ${JSON.stringify(key)} holds half a surrogate pair`);
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw malformed(`its key has ${bytes} bytes, and S3 allows ${MAX_KEY_BYTES}`);
  return key;
}
