import * as z from 'zod';
import { MAX_KEY_BYTES } from '../object-key.ts';
import { InvalidParameterError } from './errors.ts';

/** A wrong value is cut to this length in an error message. A query may be kilobytes long. */
const MAX_FOUND_CHARACTERS = 80;

/**
 * Reads a query by the schema of its parameters. All values are text. An unknown parameter is an
 * error, because it may be a known one that is misspelt.
 * @throws {InvalidParameterError} naming the first parameter that is unknown, given twice or wrong
 */
export function readQuery<Schema extends z.ZodObject>(schema: Schema, query: URLSearchParams): z.output<Schema> {
  const given: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!Object.hasOwn(schema.shape, name)) {
      throw new InvalidParameterError(shorten(name), unknownParameter(Object.keys(schema.shape)));
    }
    if (Object.hasOwn(given, name)) throw new InvalidParameterError(name, 'it is given more than once: send it once');
    given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  throw new InvalidParameterError(name, `expected ${issue?.message}, found ${found(given[name])}`);
}

/**
 * Returns the key that an image's id stands for.
 * @throws {InvalidParameterError} unless `id` is 1 to 1,024 bytes of UTF-8 in base64url without
 *   padding
 */
export function keyOfId(id: string): string {
  const bytes = Buffer.from(id, 'base64url');
  const isCanonical = bytes.toString('base64url') === id && bytes.length >= 1 && bytes.length <= MAX_KEY_BYTES;
  const key = bytes.toString('utf8');
  if (isCanonical && Buffer.from(key).equals(bytes)) return key;
  throw new InvalidParameterError(
    'id',
    `expected the UTF-8 bytes of an object's key (1 to ${MAX_KEY_BYTES}) in base64url without padding, found ${found(id)}`,
  );
}

/** @example idOfKey('a b.jpg') // YSBiLmpwZw */
export function idOfKey(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** Accepts a whole number in text form. */
export function wholeNumber(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

/** Accepts a number from 0 to 1 in text form. */
export function share() {
  const expected = 'a number from 0 to 1';
  return z
    .string()
    .regex(/^(\d{1,3}(\.\d{0,20})?|\.\d{1,20})(e-?\d{1,3})?$/i, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number(expected).min(0, expected).max(1, expected));
}

export function flag() {
  return z.enum(['true', 'false'], 'true or false').transform((text) => text === 'true');
}

/** Accepts a text of 1 to `most` characters. */
export function text(most: number) {
  const expected = `1 to ${most} characters`;
  return z.string().min(1, expected).max(most, expected);
}

function unknownParameter(known: readonly string[]): string {
  return known.length === 0
    ? 'this path has no parameters: leave it out'
    : `unknown parameter: expected one of ${known.join(', ')}`;
}

function found(value: string | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(shorten(value));
}

function shorten(value: string): string {
  return value.length > MAX_FOUND_CHARACTERS ? `${value.slice(0, MAX_FOUND_CHARACTERS)}…` : value;
}
