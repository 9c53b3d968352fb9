import { readGif } from './gif.ts';
import { readAvif } from './heif/read-avif.ts';
import { readHeic } from './heif/read-heic.ts';
import type { ImageFormat } from './image.ts';
import { checkJpeg } from './jpeg.ts';
import type { DecodeLimits } from './limits.ts';
import { checkPng, pngFault } from './png.ts';
import type { Source } from './source.ts';
import { readTiff } from './tiff/read-tiff.ts';

/**
 * Reads the header of a file whose leading bytes are those of a format. What sharp would refuse or
 * show wrongly is decoded, rewritten or refused by name. An error of the picture is an ImageError.
 */
type Reader = (bytes: Uint8Array, limits: Required<DecodeLimits>) => Source | Promise<Source>;

/** The formats of which sharp does not read every file rightly by itself. */
const READERS: Partial<Record<ImageFormat, Reader>> = {
  jpeg: (bytes) => {
    checkJpeg(bytes);
    return { bytes };
  },
  png: (bytes) => {
    checkPng(bytes);
    return { bytes, faultOf: () => pngFault(bytes) };
  },
  gif: readGif,
  tiff: readTiff,
  avif: (bytes, { maxPixels }) => readAvif(bytes, maxPixels),
  heic: (bytes, { maxPixels }) => readHeic(bytes, maxPixels),
};

/**
 * Finds out what sharp is to be given for a file.
 * @throws {ImageError}
 */
export async function readSource(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: Required<DecodeLimits>,
): Promise<Source> {
  return READERS[format]?.(bytes, limits) ?? { bytes };
}
