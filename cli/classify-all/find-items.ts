import { stat } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AutoSwiftNetError } from '../../classifier/errors.ts';
import { findImages, type LeftOut, NoImagesError } from '../find-images.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { Item } from './item.ts';
import { listObjects } from './list-objects.ts';

/** An image, or a place that cannot be searched, or that has no images. */
export type FoundItem = { readonly item: Item } | { readonly uri: string; readonly error: AutoSwiftNetError };

/**
 * Finds the images of files, folders and `s3://BUCKET/PREFIX`, in the order in which they are
 * given.
 * @param client makes the client of S3 when it is first needed
 * @param leftOut receives what was left out
 * @throws {ServiceRefusedError} when a bucket cannot be listed
 */
export async function* findItems(
  places: readonly string[],
  client: () => S3Client,
  leftOut: LeftOut,
): AsyncGenerator<FoundItem> {
  for (const place of places) {
    const s3 = parseS3Uri(place);
    if (s3 !== null) {
      let isEmpty = true;
      for await (const item of listObjects(client(), s3, leftOut)) {
        isEmpty = false;
        yield { item };
      }
      if (isEmpty) yield { uri: place, error: new NoImagesError('there are no images at this address') };
    } else if ((await stat(place).catch(() => null))?.isDirectory()) {
      for await (const { file: uri, error } of findImages(place, leftOut)) {
        yield error === undefined ? { item: { kind: 'file', uri } } : { uri, error };
      }
    } else {
      yield { item: { kind: 'file', uri: place } };
    }
  }
}
