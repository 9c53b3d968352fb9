import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BUCKET_SHARDS } from '../records/bucket-shards.ts';
import { LABEL_ROWS, LABEL_SHARDS } from '../records/label-shards.ts';
import type { SearchSource } from '../records/match-row.ts';
import type { TimePlace } from '../records/newest.ts';
import type { RowPlace } from '../records/open-label-shard.ts';
import { MAX_SOURCES } from '../records/search.ts';
import { InvalidParameterError } from './errors.ts';
import { idOfKey, keyOfId } from './parameters.ts';

/** The search that a cursor belongs to. The cursor of another search is not valid for it. */
export interface CursorSearch {
  readonly sources: readonly SearchSource[];
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
    .max(MAX_SOURCES * LABEL_SHARDS - 1),
  z.int().min(1).max(LABEL_ROWS),
]);

const timePlaceSchema = z.tuple([
  z.iso.datetime(),
  z
    .int()
    .min(0)
    .max(BUCKET_SHARDS - 1),
]);

/** Returns the cursor of a page of search results. */
export function searchCursor(search: CursorSearch, { probability, shard, rank, key }: RowPlace): string {
  return joinCursor([digest(search), probability, shard, rank], key);
}

/**
 * Reads a cursor of search results.
 * @throws {InvalidParameterError} when `searchCursor` did not make the cursor for this search
 */
export function readSearchCursor(search: CursorSearch, cursor: string): RowPlace {
  const { place, key } = splitCursor(placeSchema, cursor);
  const [of, probability, shard, rank] = place;
  const made = { probability, shard, rank, key };
  if (of !== digest(search) || searchCursor(search, made) !== cursor) throw invalid();
  return made;
}

/** Returns the cursor of a page of the newest images. */
export function newestCursor({ lastModified, shard, key }: TimePlace): string {
  return joinCursor([lastModified, shard], key);
}

/**
 * Reads a cursor of the newest images.
 * @throws {InvalidParameterError} when `newestCursor` did not make the cursor
 */
export function readNewestCursor(cursor: string): TimePlace {
  const { place, key } = splitCursor(timePlaceSchema, cursor);
  const [lastModified, shard] = place;
  const made = { lastModified, shard, key };
  if (newestCursor(made) !== cursor) throw invalid();
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

function joinCursor(place: readonly (string | number)[], key: string): string {
  return `${Buffer.from(JSON.stringify(place)).toString('base64url')}${SEPARATOR}${idOfKey(key)}`;
}

function splitCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string,
): { readonly place: z.output<Schema>; readonly key: string } {
  const [place = '', id = ''] = cursor.split(SEPARATOR, 2);
  const parsed = schema.safeParse(parseJson(Buffer.from(place, 'base64url').toString()));
  if (!parsed.success) throw invalid();
  return { place: parsed.data, key: readKey(id) };
}

function digest({ sources, minProbability }: CursorSearch): string {
  return createHash('sha256')
    .update(JSON.stringify([sources.map(({ id, within }) => [id, within]), minProbability]))
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
    'this cursor is not from an answer to the same request; leave it out to start from the first page',
  );
}
