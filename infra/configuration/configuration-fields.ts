import * as z from 'zod';

/**
 * The kinds of configuration values. Each message completes the sentence "configuration key KEY
 * must be …".
 */

export function text(pattern: RegExp, expected: string) {
  return z.string(expected).regex(pattern, expected);
}

export function name() {
  return text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "the name of a model package's folder");
}

export function whole(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z.preprocess(readText, z.int(expected).min(least, expected).max(most, expected));
}

export function share() {
  const expected = 'a number from 0 to 1';
  return z.preprocess(readText, z.number(expected).min(0, expected).max(1, expected));
}

export function flag() {
  return z.preprocess(readText, z.boolean('true or false'));
}

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return z.enum(names, `one of ${names.join(', ')}`);
}

export function oneOfNumbers(numbers: readonly number[]) {
  const expected = `one of ${numbers.join(', ')}`;
  return z.preprocess(
    readText,
    z.number(expected).refine((value) => numbers.includes(value), expected),
  );
}

/** A list, or text with commas between the items. */
export function list<Item extends z.ZodType<string>>(item: Item) {
  const split = (value: unknown) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value);
  return z.preprocess(split, z.array(item, 'a list, or text with commas').min(1, 'a list of at least one value'));
}

export function rules() {
  const expected = 'an object from key prefixes to model names, such as {"scans/":"auto"}';
  return z.preprocess(readText, z.record(z.string(), z.string(expected), expected));
}

/**
 * Reads text from the command line as JSON. Text that is not JSON stays text, and the check of the
 * field refuses it.
 */
function readText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
