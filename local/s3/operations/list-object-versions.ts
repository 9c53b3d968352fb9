import { indexAfterKey, keyWriter, type ListItem, walk } from '../list.ts';
import { readNumber } from '../request.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { Bucket } from '../store/bucket.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { XmlContent } from '../xml.ts';
import { quote, type S3Call, target } from './call.ts';
import { commonPrefixes, MAX_KEYS, takePage } from './list-objects.ts';

type VersionItem = { readonly key: string; readonly version: ObjectVersion; readonly isLatest: boolean };

export function listObjectVersions(call: S3Call): S3Response {
  const { bucket } = target(call);
  const { query } = call.request;
  const write = keyWriter(query.get('encoding-type'));
  const maxKeys = Math.min(readNumber(query, 'max-keys', { min: 0, max: 2 ** 31 }) ?? MAX_KEYS, MAX_KEYS);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];

  const { items, isTruncated } = takePage(versionItems(bucket, query, { prefix, delimiter }), maxKeys);
  const last = items.at(-1);
  const versions = items.flatMap((item) => ('version' in item ? [item] : []));

  return xmlResponse('ListVersionsResult', {
    Name: bucket.name,
    Prefix: write(prefix),
    Delimiter: delimiter === '' ? undefined : write(delimiter),
    KeyMarker: write(query.get('key-marker') ?? ''),
    VersionIdMarker: query.get('version-id-marker') ?? '',
    NextKeyMarker: isTruncated && last !== undefined ? write('key' in last ? last.key : last.commonPrefix) : undefined,
    NextVersionIdMarker: isTruncated && last !== undefined && 'version' in last ? last.version.versionId : undefined,
    EncodingType: query.get('encoding-type') ?? undefined,
    MaxKeys: maxKeys,
    IsTruncated: isTruncated,
    Version: versions.filter(({ version }) => !version.deleteMarker).map((item) => describe(item, write)),
    DeleteMarker: versions.filter(({ version }) => version.deleteMarker).map((item) => describe(item, write)),
    CommonPrefixes: commonPrefixes(items, write),
  });
}

/** Yields every version of every key after the markers, the newest version of a key first. */
function* versionItems(
  bucket: Bucket,
  query: URLSearchParams,
  { prefix, delimiter }: { readonly prefix: string; readonly delimiter: string },
): Generator<VersionItem | ListItem> {
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker') ?? '';
  const start = startOf(bucket, { keyMarker, versionIdMarker, prefix, delimiter });
  for (const item of walk(bucket.keys, { prefix, delimiter, start, isShown: () => true })) {
    if (!('key' in item)) {
      yield item;
      continue;
    }
    const versions = bucket.versions(item.key);
    const isResumed = item.key === keyMarker && versionIdMarker !== '';
    const skipped = isResumed ? versions.findIndex(({ versionId }) => versionId === versionIdMarker) + 1 : 0;
    for (const version of versions.slice(skipped)) {
      yield { key: item.key, version, isLatest: version === versions[0] };
    }
  }
}

/**
 * Finds where the page starts. With a delimiter, a marker that ends in it is a common prefix of the
 * page before.
 */
function startOf(
  { keys }: Bucket,
  markers: {
    readonly keyMarker: string;
    readonly versionIdMarker: string;
    readonly prefix: string;
    readonly delimiter: string;
  },
): number {
  const { keyMarker, versionIdMarker, prefix, delimiter } = markers;
  if (keyMarker === '') return 0;
  if (versionIdMarker !== '') return keys.indexFrom(keyMarker);
  const isCommonPrefix =
    delimiter !== '' &&
    keyMarker.endsWith(delimiter) &&
    keyMarker.startsWith(prefix) &&
    keyMarker.length > prefix.length;
  return isCommonPrefix ? keys.indexAfterPrefix(keyMarker) : indexAfterKey(keys, keyMarker);
}

function describe({ key, version, isLatest }: VersionItem, write: (key: string) => string): XmlContent {
  const { versionId, lastModified, eTag, size, deleteMarker } = version;
  return {
    Key: write(key),
    VersionId: versionId,
    IsLatest: isLatest,
    LastModified: new Date(lastModified).toISOString(),
    ...(deleteMarker ? {} : { ETag: quote(eTag), Size: size, StorageClass: 'STANDARD' }),
  };
}
