import { S3Error } from '../errors.ts';
import { encodeToken, indexAfterKey, indexAfterToken, walk } from '../list.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { Bucket } from '../store/bucket.ts';
import type { S3Call } from './call.ts';
import { commonPrefixes, contents, isListed, readListing, takePage } from './listing.ts';

/** Answers ListObjectsV2. */
export function listObjectsV2(call: S3Call): S3Response {
  const listing = readListing(call);
  const { bucket, query, prefix, delimiter, maxItems, write, echo } = listing;
  if (query.get('list-type') !== '2') {
    throw new S3Error('InvalidArgument', 'The only list-type is 2 (ListObjectsV2). Leave it out for ListObjects.');
  }
  const start = startOf(bucket, query);
  const { items, isTruncated } = takePage(
    walk(bucket.keys, { prefix, delimiter, start, isShown: (key) => isListed(bucket, key) }),
    maxItems,
  );
  const last = items.at(-1);

  return xmlResponse('ListBucketResult', {
    Name: bucket.name,
    ...echo,
    StartAfter: query.has('start-after') ? write(query.get('start-after') ?? '') : undefined,
    ContinuationToken: query.get('continuation-token') ?? undefined,
    NextContinuationToken: isTruncated && last !== undefined ? encodeToken(last) : undefined,
    KeyCount: items.length,
    MaxKeys: maxItems,
    IsTruncated: isTruncated,
    Contents: contents(listing, items, { withOwner: query.get('fetch-owner') === 'true' }),
    CommonPrefixes: commonPrefixes(items, write),
  });
}

function startOf({ keys }: Bucket, query: URLSearchParams): number {
  const token = query.get('continuation-token');
  if (token !== null) return indexAfterToken(keys, token);
  const after = query.get('start-after');
  return after === null ? 0 : indexAfterKey(keys, after);
}
