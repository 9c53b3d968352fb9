import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { RowPlace } from '../records/label-shard.ts';
import { LABEL_ROWS, LABEL_SHARDS } from '../records/labels.ts';
import { InvalidParameterError } from './errors.ts';
import { idOfKey, keyOfId } from './parameters.ts';

/** The search that a cursor belongs to. The cursor of another search is not valid for it. */
export interface CursorSearch {
  readonly label: string;
  readonly minProbability: number;
}

/**
 * Separates the place from the key. The key has its own encoding, so that even 1,024 control
 * characters fit into a URL.
 */
const SEPARATOR = '.';

const placeSchema = z.tuple([
  z.string(),
  z.number().min(0).max(1),
  z
    .int()
    .min(0)
    .max(LABEL_SHARDS - 1),
  z.int().min(1).max(LABEL_ROWS),
]);

/** Returns the cursor of a page of search results. */
export function searchCursor(search: CursorSearch, { probability, shard, rank, key }: RowPlace): string {
  const place = JSON.stringify([digest(search), probability, shard, rank]);
  return `${Buffer.from(place).toString('base64url')}${SEPARATOR}${idOfKey(key)}`;
}

/**
 * Reads a cursor of search results.
 * @throws {InvalidParameterError} when `searchCursor` did not make the cursor for this search
 */
export function readSearchCursor(search: CursorSearch, cursor: string): RowPlace {
  const [place = '', id = ''] = cursor.split(SEPARATOR, 2);
  const parsed = placeSchema.safeParse(parseJson(Buffer.from(place, 'base64url').toString()));
  if (!parsed.success) throw invalid();
  const [of, probability, shard, rank] = parsed.data;
  const made = { probability, shard, rank, key: readKey(id) };
  if (of !== digest(search) || searchCursor(search, made) !== cursor) throw invalid();
  return made;
}

/** Returns the cursor of a page of the whole bucket that ended with `key`. */
export function listCursor(key: string): string {
  return `${SEPARATOR}${idOfKey(key)}`;
}

/**
 * Reads a cursor of the whole bucket.
 * @returns the last key of the previous page
 * @throws {InvalidParameterError} when `listCursor` did not make the cursor
 */
export function readListCursor(cursor: string): string {
  const key = readKey(cursor.slice(SEPARATOR.length));
  if (listCursor(key) !== cursor) throw invalid();
  return key;
}

function digest({ label, minProbability }: CursorSearch): string {
  return createHash('sha256')
    .update(JSON.stringify([label, minProbability]))
    .digest('base64url')
    .slice(0, 11);
}

function readKey(id: string): string {
  try {
    return keyOfId(id);
  } catch {
    throw invalid();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(): InvalidParameterError {
  return new InvalidParameterError(
    'cursor',
    'this cursor is not from an answer to this search; leave it out to start from the first page',
  );
}
