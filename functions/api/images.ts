import * as z from 'zod';
import type { NewestImages, NewestPage } from '../records/newest.ts';
import type { ImageRecord } from '../records/record.ts';
import { type FoundPage, type LabelSearch, MAX_SOURCES } from '../records/search.ts';
import type { RecordStore } from '../records/store.ts';
import { planSearch } from '../vocabulary/plan-search.ts';
import type { ImageBucket } from './bucket.ts';
import {
  listCursor,
  newestCursor,
  readListCursor,
  readNewestCursor,
  readSearchCursor,
  searchCursor,
} from './cursor.ts';
import { ImageNotFoundError, InvalidParameterError } from './errors.ts';
import { currentRecord, describeImage } from './image.ts';
import type { LabelsDependencies } from './labels.ts';
import { keyOfId, readQuery, share, text, wholeNumber } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface ImagesDependencies extends LabelsDependencies {
  readonly bucketName: string;
  readonly bucket: ImageBucket;
  readonly records: Pick<RecordStore, 'readRecord'>;
  /** The records of many keys of the bucket. */
  readonly readRecords: (keys: readonly string[]) => Promise<ReadonlyMap<string, ImageRecord>>;
  readonly search: (search: Omit<LabelSearch, 'bucket'>) => Promise<FoundPage>;
  readonly newest: (page: Omit<NewestImages, 'bucket'>) => Promise<NewestPage>;
}

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 100;

/** Longest label to search for. The key of an index partition has at most 2,048 bytes. */
const MAX_LABEL_CHARACTERS = 2000;
const MAX_CURSOR_CHARACTERS = 4096;

const listQuerySchema = z.object({
  label: text(MAX_LABEL_CHARACTERS).optional(),
  minProbability: share().optional(),
  order: z.enum(['key', 'newest'], 'key or newest').optional(),
  limit: wholeNumber(1, MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: text(MAX_CURSOR_CHARACTERS).optional(),
});

/** `GET /images`: images with a label or concept, all images, or the newest that have a record. */
export async function listImages(request: ApiRequest, dependencies: ImagesDependencies): Promise<ApiResponse> {
  const { label, minProbability, order, limit, cursor } = readQuery(listQuerySchema, request.query);
  if (label !== undefined) {
    if (order !== undefined) {
      throw new InvalidParameterError(
        'order',
        'it cannot be combined with label: a search lists the most probable images first. Leave out order, or leave out label',
      );
    }
    return searchImages({ label, minProbability: minProbability ?? 0 }, limit, cursor, dependencies);
  }
  if (minProbability !== undefined) {
    throw new InvalidParameterError('minProbability', 'it needs a label: add label=, or leave it out');
  }
  return order === 'newest' ? listNewest(limit, cursor, dependencies) : listBucket(limit, cursor, dependencies);
}

/** `GET /images/{id}`: one image, and what was found in it. */
export async function getImage(
  { parameters }: ApiRequest,
  { bucketName, bucket, records }: ImagesDependencies,
): Promise<ApiResponse> {
  const key = keyOfId(parameters['id'] ?? '');
  const [object, record] = await Promise.all([bucket.find(key), records.readRecord({ bucket: bucketName, key })]);
  if (object === null) throw new ImageNotFoundError(key);
  return json(200, await describeImage(key, currentRecord(record, object), bucket, { object }));
}

async function searchImages(
  { label, minProbability }: { readonly label: string; readonly minProbability: number },
  limit: number,
  cursor: string | undefined,
  dependencies: ImagesDependencies,
): Promise<ApiResponse> {
  const search = { sources: await sourcesOf(label, dependencies), minProbability };
  const after = cursor === undefined ? null : readSearchCursor(search, cursor);
  const page = await dependencies.search({ ...search, limit, after });
  const images = page.images.map(({ record, label: found, rank, probability }) =>
    describeImage(record.key, record, dependencies.bucket, { match: { label: found, rank, probability } }),
  );
  return json(200, {
    images: await Promise.all(images),
    cursor: page.next === null ? null : searchCursor(search, page.next),
  });
}

async function sourcesOf(label: string, { vocabularies }: ImagesDependencies): Promise<LabelSearch['sources']> {
  const sources = planSearch(await vocabularies(), label);
  if (sources.length <= MAX_SOURCES) return sources;
  throw new InvalidParameterError(
    'label',
    `it stands above ${sources.length} labels and search concepts, and a search reads ${MAX_SOURCES} at most: search for something narrower`,
  );
}

/**
 * Lists the records, the newest objects first. The bucket can be listed only in the order of its
 * keys, so images that were not looked at yet are missing.
 */
async function listNewest(
  limit: number,
  cursor: string | undefined,
  { bucket, newest }: ImagesDependencies,
): Promise<ApiResponse> {
  const { records, next } = await newest({ limit, after: cursor === undefined ? null : readNewestCursor(cursor) });
  return json(200, {
    images: await Promise.all(records.map((record) => describeImage(record.key, record, bucket))),
    cursor: next === null ? null : newestCursor(next),
  });
}

/**
 * Lists the bucket and adds the records. The table alone is not enough: it has no images that were
 * not looked at yet.
 */
async function listBucket(
  limit: number,
  cursor: string | undefined,
  { bucket, readRecords }: ImagesDependencies,
): Promise<ApiResponse> {
  const { objects, hasMore, lastKey } = await bucket.list(limit, cursor === undefined ? null : readListCursor(cursor));
  const records = await readRecords(objects.map(({ key }) => key));
  const images = objects.map((object) =>
    describeImage(object.key, currentRecord(records.get(object.key), object), bucket, { object }),
  );
  return json(200, {
    images: await Promise.all(images),
    cursor: hasMore && lastKey !== null ? listCursor(lastKey) : null,
  });
}
