import { indexAfterMarker, itemName, walk } from '../list.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { S3Call } from './call.ts';
import { commonPrefixes, contents, isListed, readListing, takePage } from './listing.ts';

/** Answers ListObjects, the first version, which s3cmd, boto3's `objects.all()` and rclone use. */
export function listObjectsV1(call: S3Call): S3Response {
  const listing = readListing(call);
  const { bucket, query, prefix, delimiter, maxItems, write, echo } = listing;
  const marker = query.get('marker') ?? '';
  const { items, isTruncated } = takePage(
    walk(bucket.keys, {
      prefix,
      delimiter,
      start: indexAfterMarker(bucket.keys, marker, { prefix, delimiter }),
      isShown: (key) => isListed(bucket, key),
    }),
    maxItems,
  );
  const last = items.at(-1);
  // Without a delimiter S3 leaves it out: the last key of the page is the marker of the next.
  const hasNextMarker = isTruncated && delimiter !== '' && last !== undefined;

  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    ...echo,
    Marker: write(marker),
    NextMarker: hasNextMarker ? write(itemName(last)) : undefined,
    MaxKeys: maxItems,
    IsTruncated: isTruncated,
    Contents: contents(listing, items, { withOwner: true }),
    CommonPrefixes: commonPrefixes(items, write),
  });
}
