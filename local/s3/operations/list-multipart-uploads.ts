import { indexAfterMarker, itemName, type ListItem, walk } from '../list.ts';
import { OWNER } from '../owner.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import { compareKeys, SortedKeys } from '../store/sorted-keys.ts';
import type { Upload } from '../store/upload-files.ts';
import type { XmlContent } from '../xml.ts';
import type { S3Call } from './call.ts';
import { commonPrefixes, type Listing, readListing, takePage } from './listing.ts';

type UploadItem = { readonly key: string; readonly upload: Upload };

/** Lists the multipart uploads in progress, by key; those of one key by upload id. */
export function listMultipartUploads(call: S3Call): S3Response {
  const listing = readListing(call, 'max-uploads');
  const { bucket, query, maxItems, write, echo } = listing;
  const { items, isTruncated } = takePage(uploadItems(listing), maxItems);
  const last = items.at(-1);

  return xmlResponse('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    ...echo,
    KeyMarker: write(query.get('key-marker') ?? ''),
    UploadIdMarker: query.get('upload-id-marker') ?? '',
    NextKeyMarker: isTruncated && last !== undefined ? write(itemName(last)) : undefined,
    NextUploadIdMarker: isTruncated && last !== undefined && 'upload' in last ? last.upload.id : undefined,
    MaxUploads: maxItems,
    IsTruncated: isTruncated,
    Upload: items.flatMap((item) => ('upload' in item ? [describe(item, write)] : [])),
    CommonPrefixes: commonPrefixes(items, write),
  });
}

function* uploadItems({ bucket, query, prefix, delimiter }: Listing): Generator<UploadItem | ListItem> {
  const byKey = new Map<string, Upload[]>();
  for (const upload of bucket.uploads.all().sort((a, b) => compareKeys(a.id, b.id))) {
    const ofKey = byKey.get(upload.key);
    if (ofKey === undefined) byKey.set(upload.key, [upload]);
    else ofKey.push(upload);
  }
  const keys = new SortedKeys(byKey.keys());
  const keyMarker = query.get('key-marker') ?? '';
  // S3 reads this one only beside a key marker.
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const start = idMarker === '' ? indexAfterMarker(keys, keyMarker, { prefix, delimiter }) : keys.indexFrom(keyMarker);
  for (const item of walk(keys, { prefix, delimiter, start, isShown: () => true })) {
    if (!('key' in item)) {
      yield item;
      continue;
    }
    for (const upload of byKey.get(item.key) ?? []) {
      if (item.key !== keyMarker || upload.id > idMarker) yield { key: item.key, upload };
    }
  }
}

function describe({ key, upload: { id, initiated } }: UploadItem, write: (key: string) => string): XmlContent {
  return {
    Key: write(key),
    UploadId: id,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: 'STANDARD',
    Initiated: new Date(initiated).toISOString(),
  };
}
