import { indexAfterMarker, itemName, type ListItem, walk } from '../list.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { XmlContent } from '../xml.ts';
import { quote, type S3Call } from './call.ts';
import { commonPrefixes, type Listing, readListing, takePage } from './listing.ts';

type VersionItem = { readonly key: string; readonly version: ObjectVersion; readonly isLatest: boolean };

export function listObjectVersions(call: S3Call): S3Response {
  const listing = readListing(call);
  const { bucket, query, maxItems, write, echo } = listing;
  const { items, isTruncated } = takePage(versionItems(listing), maxItems);
  const last = items.at(-1);
  const versions = items.flatMap((item) => ('version' in item ? [item] : []));

  return xmlResponse('ListVersionsResult', {
    Name: bucket.name,
    ...echo,
    KeyMarker: write(query.get('key-marker') ?? ''),
    VersionIdMarker: query.get('version-id-marker') ?? '',
    NextKeyMarker: isTruncated && last !== undefined ? write(itemName(last)) : undefined,
    NextVersionIdMarker: isTruncated && last !== undefined && 'version' in last ? last.version.versionId : undefined,
    MaxKeys: maxItems,
    IsTruncated: isTruncated,
    Version: versions.filter(({ version }) => !version.deleteMarker).map((item) => describe(item, write)),
    DeleteMarker: versions.filter(({ version }) => version.deleteMarker).map((item) => describe(item, write)),
    CommonPrefixes: commonPrefixes(items, write),
  });
}

/** Yields every version of every key after the markers, the newest version of a key first. */
function* versionItems({ bucket, query, prefix, delimiter }: Listing): Generator<VersionItem | ListItem> {
  const { keys } = bucket;
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker') ?? '';
  const start =
    versionIdMarker === '' ? indexAfterMarker(keys, keyMarker, { prefix, delimiter }) : keys.indexFrom(keyMarker);
  for (const item of walk(keys, { prefix, delimiter, start, isShown: () => true })) {
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
