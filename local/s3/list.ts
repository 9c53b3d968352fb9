import { Buffer } from 'node:buffer';
import { S3Error } from './errors.ts';
import type { SortedKeys } from './store/sorted-keys.ts';

/** One line of a listing: a key, or the common start of all keys up to a delimiter. */
export type ListItem = { readonly key: string } | { readonly commonPrefix: string };

export interface Walk {
  readonly prefix: string;
  /** Empty means that there is no delimiter. */
  readonly delimiter: string;
  /** Index of the first key to look at. */
  readonly start: number;
  /**
   * Tells whether a key is listed. A key that is not listed does not make a common prefix either.
   */
  readonly isShown: (key: string) => boolean;
}

/** Yields the items of a listing in order. Read them all before the keys change. */
export function* walk(keys: SortedKeys, { prefix, delimiter, start, isShown }: Walk): Generator<ListItem> {
  let index = Math.max(start, keys.indexFrom(prefix));
  for (let key = keys.at(index); key?.startsWith(prefix); key = keys.at(index)) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (!isShown(key)) {
      index += 1;
    } else if (cut < 0) {
      yield { key };
      index += 1;
    } else {
      const commonPrefix = key.slice(0, cut + delimiter.length);
      yield { commonPrefix };
      index = keys.indexAfterPrefix(commonPrefix);
    }
  }
}

/** Encodes the place after an item, for the client to continue from. */
export function encodeToken(item: ListItem): string {
  return Buffer.from('key' in item ? `k${item.key}` : `p${item.commonPrefix}`).toString('base64url');
}

/**
 * Finds where the listing continues.
 * @throws S3Error InvalidArgument
 */
export function indexAfterToken(keys: SortedKeys, token: string): number {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith('k')) return indexAfterKey(keys, text.slice(1));
  if (text.startsWith('p')) return keys.indexAfterPrefix(text.slice(1));
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
}

export function indexAfterKey(keys: SortedKeys, key: string): number {
  const index = keys.indexFrom(key);
  return keys.at(index) === key ? index + 1 : index;
}

/**
 * Finds where the page after a marker starts. With a delimiter, a marker that ends in it is a
 * common prefix of the page before, and none of its keys are listed again.
 */
export function indexAfterMarker(
  keys: SortedKeys,
  marker: string,
  { prefix, delimiter }: Pick<Walk, 'prefix' | 'delimiter'>,
): number {
  if (marker === '') return 0;
  const cut = delimiter !== '' && marker.startsWith(prefix) ? marker.indexOf(delimiter, prefix.length) : -1;
  const isCommonPrefix = cut >= 0 && cut + delimiter.length === marker.length;
  return isCommonPrefix ? keys.indexAfterPrefix(marker) : indexAfterKey(keys, marker);
}

/** Returns the text that stands for an item in a marker. */
export function itemName(item: ListItem): string {
  return 'key' in item ? item.key : item.commonPrefix;
}

/**
 * Returns how keys are written in an answer: unchanged, or percent-encoded (`encoding-type=url`)
 * for keys that XML cannot hold.
 * @throws S3Error InvalidArgument
 */
export function keyWriter(encodingType: string | null): (key: string) => string {
  if (encodingType === null) return (key) => key;
  if (encodingType !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request; the only one is url');
  return (key) => encodeURIComponent(key).replaceAll('%2F', '/');
}
