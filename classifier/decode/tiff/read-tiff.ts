import { TooManyPixelsError } from '../../errors.ts';
import { type DecodeLimits, maxCostlyPixels, requirePixels } from '../limits.ts';
import type { Source } from '../source.ts';
import { convertTiff } from './convert.ts';
import { type Directory, readDirectory, withoutOtherDirectories } from './directory.ts';
import { type Layout, readLayout } from './layout.ts';
import { rewriteDirectory } from './rewrite.ts';
import { isPlain, requireKnown } from './support.ts';
import { COMPRESSION, TAG } from './tags.ts';
import { unpackedBytes } from './unpack.ts';

/**
 * A picture is unpacked as a whole. At most this many bytes for each pixel that is allowed: an RGB
 * picture with transparency fits at the limit of pixels, and one of 32 bits at a third of it.
 */
const MAX_BYTES_PER_ALLOWED_PIXEL = 4;

/**
 * Reads the first directory of a TIFF, and decides how sharp gets at the picture: libvips reads it
 * as it is; libvips reads it strictly; or it is converted here first.
 * @throws {ImageError}
 */
export async function readTiff(
  bytes: Uint8Array,
  { maxPixels }: Pick<Required<DecodeLimits>, 'maxPixels'>,
): Promise<Source> {
  const directory = readDirectory(bytes);
  const layout = readLayout(directory);
  requireKnown(layout);
  requirePixels(layout, maxPixels);
  if (!isPlain(layout)) {
    requirePixels(layout, maxCostlyPixels(maxPixels));
    requireUnpackable(layout, maxPixels);
    const tiff = await convertTiff(directory, layout);
    return { bytes: tiff, release: () => tiff.buffer.resize(0) };
  }
  return needsStrictness(layout)
    ? { bytes: withoutOtherTags(directory, layout), isStrict: true }
    : { bytes: withoutOtherDirectories(directory) };
}

/**
 * libvips tells of a tile or JPEG strip that it cannot read only where every warning is an error.
 */
function needsStrictness({ tileWidth, compression }: Layout): boolean {
  return tileWidth !== undefined || compression === COMPRESSION.jpeg;
}

/**
 * Leaves only the tags that matter, so that no other tag gives a warning. libvips refuses tiles in
 * planes even where there is only one plane.
 */
function withoutOtherTags(directory: Directory, { planar }: Layout): Uint8Array {
  return rewriteDirectory(directory, Object.values(TAG), new Map([[TAG.planarConfiguration, [planar ? 2 : 1]]]));
}

function requireUnpackable(layout: Layout, maxPixels: number): void {
  const bytes = unpackedBytes(layout);
  if (bytes <= maxPixels * MAX_BYTES_PER_ALLOWED_PIXEL) return;
  throw new TooManyPixelsError(
    `the image has ${layout.width} x ${layout.height} pixels of ${layout.samples} x ${layout.bits} bits, ${bytes} bytes in all, more than the limit of ${maxPixels * MAX_BYTES_PER_ALLOWED_PIXEL}. Make it smaller, or convert it to 8 bits.`,
  );
}
