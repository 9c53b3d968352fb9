import type { Sharp } from 'sharp';
import { loadSharp } from '../load-sharp.ts';
import type { DecodeLimits } from './limits.ts';
import { withPicture } from './with-picture.ts';

/** The longer side of a thumbnail, unless the picture is smaller. */
export const THUMBNAIL_PIXELS = 400;

/**
 * Most bytes of a thumbnail. A page of 24 of them is then less than 350 kB whatever the pictures
 * show, which leaves room for the rest of a first screen of 500 kB.
 */
export const MAX_THUMBNAIL_BYTES = 14_000;

/**
 * Ways to encode a thumbnail, tried in this order until it is small enough. Most photographs have 5
 * to 14 kB in the first. Only noise and the like need the last.
 */
const ENCODINGS = [
  { quality: 70, pixels: THUMBNAIL_PIXELS },
  { quality: 50, pixels: THUMBNAIL_PIXELS },
  { quality: 30, pixels: THUMBNAIL_PIXELS },
  { quality: 10, pixels: 160 },
] as const;

/**
 * Makes a small WebP of an encoded image, as upright, flattened and in sRGB as a model sees it, but
 * whole. It has no metadata, such as the place where a photograph was taken.
 * @throws {ImageError} as NotAnImageError, UnsupportedFormatError, TruncatedImageError,
 *   ImageTooLargeError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export function makeThumbnail(bytes: Uint8Array, limits: DecodeLimits = {}): Promise<Uint8Array> {
  return withPicture(bytes, limits, async (picture) => {
    const { data, info } = await shrink(picture.open()).catch((cause) => {
      throw picture.damaged(cause);
    });
    const { width, height } = info;
    let thumbnail: Uint8Array = data;
    for (const { quality, pixels } of ENCODINGS) {
      thumbnail = await fitInto(pixels, loadSharp()(data, { raw: { width, height, channels: 3 } }))
        .webp({ quality })
        .toBuffer();
      if (thumbnail.length <= MAX_THUMBNAIL_BYTES) break;
    }
    return thumbnail;
  });
}

/** sharp flattens transparency onto white before it resizes, whatever the order of the calls. */
function shrink(image: Sharp) {
  return fitInto(THUMBNAIL_PIXELS, image)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

function fitInto(pixels: number, image: Sharp): Sharp {
  return image.resize(pixels, pixels, { fit: 'inside', withoutEnlargement: true });
}
