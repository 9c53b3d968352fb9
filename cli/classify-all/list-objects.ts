import { extname } from 'node:path';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { callingServices } from '../deployment/service-error.ts';
import { IMAGE_ENDING, type LeftOut } from '../find-images.ts';
import { objectUri } from '../json-lines/parse-answer.ts';
import type { S3Place } from '../s3-uri.ts';
import type { ObjectItem } from './item.ts';

/** Objects of these classes must be restored before they can be read. */
const ARCHIVED = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * Lists the objects that may be images: their keys have the ending of one, or none. Folder markers
 * and archived objects are left out. It holds one page of a thousand in memory.
 * @param leftOut receives what was left out
 * @throws {ServiceRefusedError} when the bucket cannot be listed
 */
export async function* listObjects(
  client: S3Client,
  { bucket, prefix }: S3Place,
  leftOut: LeftOut,
): AsyncGenerator<ObjectItem> {
  const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
  for (;;) {
    const { value: page, done } = await callingServices(['s3:ListBucket'], () => pages.next());
    if (done) return;
    for (const { Key: key = '', Size: size = 0, StorageClass } of page?.Contents ?? []) {
      if (key.endsWith('/')) continue;
      const ending = extname(key).toLowerCase();
      const isArchived = ARCHIVED.has(StorageClass ?? '');
      if (isArchived || !(ending === '' || IMAGE_ENDING.test(key))) {
        const kind = isArchived ? 'archived' : ending;
        leftOut.filesByEnding.set(kind, (leftOut.filesByEnding.get(kind) ?? 0) + 1);
        continue;
      }
      yield { kind: 'object', uri: objectUri(bucket, key), bucket, key, size };
    }
  }
}
