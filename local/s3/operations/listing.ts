import { keyWriter, type ListItem } from '../list.ts';
import { OWNER } from '../owner.ts';
import { readNumber } from '../request.ts';
import type { Bucket } from '../store/bucket.ts';
import type { XmlContent } from '../xml.ts';
import { quote, type S3Call, target } from './call.ts';

/** S3's limit for one page of a listing, and the default. */
const MAX_PAGE = 1000;

/** What all listings of a bucket have in common. */
export interface Listing {
  readonly bucket: Bucket;
  readonly query: URLSearchParams;
  readonly prefix: string;
  /** Empty means that there is no delimiter. */
  readonly delimiter: string;
  /** Items of a page at most, 0 to 1,000. */
  readonly maxItems: number;
  /** Writes a key as the client asked for it (`encoding-type`). */
  readonly write: (key: string) => string;
  /** The elements of the answer that repeat the request. */
  readonly echo: Readonly<Record<string, XmlContent | undefined>>;
}

/**
 * Reads the parameters of a listing.
 * @param limit the name of the parameter that limits a page
 * @throws S3Error NoSuchBucket, InvalidArgument
 */
export function readListing(call: S3Call, limit: 'max-keys' | 'max-uploads' = 'max-keys'): Listing {
  const { bucket } = target(call);
  const { query } = call.request;
  const write = keyWriter(query.get('encoding-type'));
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  return {
    bucket,
    query,
    prefix,
    delimiter,
    maxItems: Math.min(readNumber(query, limit, { min: 0, max: 2 ** 31 }) ?? MAX_PAGE, MAX_PAGE),
    write,
    echo: {
      Prefix: write(prefix),
      Delimiter: delimiter === '' ? undefined : write(delimiter),
      EncodingType: query.get('encoding-type') ?? undefined,
    },
  };
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

/** Makes the Contents elements of the keys among the items. */
export function contents(
  { bucket, write }: Listing,
  items: readonly ListItem[],
  { withOwner }: { readonly withOwner: boolean },
): XmlContent[] {
  return items.flatMap((item) => {
    if (!('key' in item)) return [];
    const { lastModified, eTag, size } = bucket.find(item.key);
    return [
      {
        Key: write(item.key),
        LastModified: new Date(lastModified).toISOString(),
        ETag: quote(eTag),
        Size: size,
        StorageClass: 'STANDARD',
        ...(withOwner && { Owner: OWNER }),
      },
    ];
  });
}

export function commonPrefixes(items: readonly ListItem[], write: (key: string) => string): XmlContent[] {
  return items.flatMap((item) => ('commonPrefix' in item ? [{ Prefix: write(item.commonPrefix) }] : []));
}

/** Tells whether a key is listed: its current version is no delete marker. */
export function isListed(bucket: Bucket, key: string): boolean {
  return bucket.versions(key)[0]?.deleteMarker === false;
}
