import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectName } from '../records/record.ts';
import { THUMBNAIL_PREFIX } from './thumbnail-prefix.ts';

/** A thumbnail as it is kept. */
export interface KeptThumbnail {
  /** ETag of the image that it was made of, without quotes. */
  readonly imageETag: string;
  /** WebP. */
  readonly bytes: Uint8Array;
}

/** The thumbnails of images, one each, in the service bucket. */
export interface ThumbnailStore {
  /** Returns null if there is none, or only one that another version of this program made. */
  read(image: ObjectName): Promise<KeptThumbnail | null>;
  write(image: ObjectName, thumbnail: KeptThumbnail): Promise<void>;
  /** Removes the thumbnail if there is one. */
  remove(image: ObjectName): Promise<void>;
}

/** Changes when other thumbnails are made of the same images. */
export const THUMBNAIL_VERSION = '1';

const IMAGE_ETAG = 'image-etag';
const VERSION = 'thumbnail-version';

export function openThumbnailStore(client: S3Client, bucket: string): ThumbnailStore {
  const target = (image: ObjectName) => ({ Bucket: bucket, Key: thumbnailKey(image) });
  return {
    async read(image) {
      try {
        const { Body, Metadata = {} } = await client.send(new GetObjectCommand(target(image)));
        const bytes = await Body?.transformToByteArray();
        const { [IMAGE_ETAG]: imageETag, [VERSION]: version } = Metadata;
        return bytes && imageETag && version === THUMBNAIL_VERSION ? { imageETag, bytes } : null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },

    async write(image, { imageETag, bytes }) {
      const Metadata = { [IMAGE_ETAG]: imageETag, [VERSION]: THUMBNAIL_VERSION };
      await client.send(new PutObjectCommand({ ...target(image), Body: bytes, ContentType: 'image/webp', Metadata }));
    },

    async remove(image) {
      await client.send(new DeleteObjectCommand(target(image)));
    },
  };
}

/** Keys of images may be as long as S3 allows, so a thumbnail's is a digest. */
export function thumbnailKey({ bucket, key }: ObjectName): string {
  return `${THUMBNAIL_PREFIX}${createHash('sha256').update(`${bucket}/${key}`).digest('hex')}.webp`;
}
