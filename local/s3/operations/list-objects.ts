import { S3Error } from '../errors.ts';
import { encodeToken, indexAfterKey, indexAfterToken, keyWriter, type ListItem, walk } from '../list.ts';
import { readNumber } from '../request.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { Bucket } from '../store/bucket.ts';
import type { XmlContent } from '../xml.ts';
import { quote, type S3Call, target } from './call.ts';

/** S3's limit for one page, and the default. */
export const MAX_KEYS = 1000;

/** Answers ListObjectsV2. */
export function listObjects(call: S3Call): S3Response {
  const { bucket } = target(call);
  const { query } = call.request;
  if (query.get('list-type') !== '2')
    throw new S3Error('NotImplemented', 'Only list-type=2 (ListObjectsV2) is implemented.');
  const write = keyWriter(query.get('encoding-type'));
  const maxKeys = Math.min(readNumber(query, 'max-keys', { min: 0, max: 2 ** 31 }) ?? MAX_KEYS, MAX_KEYS);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];

  const { items, isTruncated } = takePage(
    walk(bucket.keys, {
      prefix,
      delimiter,
      start: startOf(bucket, query),
      isShown: (key) => bucket.versions(key)[0]?.deleteMarker === false,
    }),
    maxKeys,
  );
  const last = items.at(-1);

  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    Delimiter: delimiter === '' ? undefined : write(delimiter),
    StartAfter: query.has('start-after') ? write(query.get('start-after') ?? '') : undefined,
    ContinuationToken: query.get('continuation-token') ?? undefined,
    NextContinuationToken: isTruncated && last !== undefined ? encodeToken(last) : undefined,
    EncodingType: query.get('encoding-type') ?? undefined,
    KeyCount: items.length,
    MaxKeys: maxKeys,
    IsTruncated: isTruncated,
    Contents: items.flatMap((item) => ('key' in item ? [describe(bucket, item.key, write)] : [])),
    CommonPrefixes: commonPrefixes(items, write),
  });
}

/**
 * Takes the first items, and tells whether there are more. An empty page is never marked as
 * truncated.
 */
export function takePage<T>(all: Iterable<T>, count: number): { items: T[]; isTruncated: boolean } {
  const items: T[] = [];
  if (count === 0) return { items, isTruncated: false };
  for (const item of all) {
    if (items.length === count) return { items, isTruncated: true };
    items.push(item);
  }
  return { items, isTruncated: false };
}

export function commonPrefixes(items: readonly ListItem[], write: (key: string) => string): XmlContent[] {
  return items.flatMap((item) => ('commonPrefix' in item ? [{ Prefix: write(item.commonPrefix) }] : []));
}

function startOf({ keys }: Bucket, query: URLSearchParams): number {
  const token = query.get('continuation-token');
  if (token !== null) return indexAfterToken(keys, token);
  const after = query.get('start-after');
  return after === null ? 0 : indexAfterKey(keys, after);
}

function describe(bucket: Bucket, key: string, write: (key: string) => string): XmlContent {
  const { lastModified, eTag, size } = bucket.find(key);
  return {
    Key: write(key),
    LastModified: new Date(lastModified).toISOString(),
    ETag: quote(eTag),
    Size: size,
    StorageClass: 'STANDARD',
  };
}
