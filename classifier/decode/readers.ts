import type { Size } from './fit.ts';
import { readAvif } from './heif/read-avif.ts';
import { readHeic } from './heif/read-heic.ts';
import type { ImageFormat } from './image.ts';
import type { DecodeLimits } from './limits.ts';
import { checkPng } from './png.ts';

/** What sharp is given to read: a file of one of its formats, or decoded pixels. */
export interface Source {
  readonly bytes: Uint8Array;
  /**
   * Present where `bytes` are pixels: sRGB, uint8 [height, width, 3], upright. Absent for a file.
   */
  readonly pixels?: Size;
  /** The format of `bytes`, where they are another file than the one that was given. */
  readonly readAs?: ImageFormat;
  /** Gives the memory of `bytes` back at once, where it may be large. */
  readonly release?: () => void;
}

/**
 * Reads the header of a file whose leading bytes are those of a format. What sharp would refuse or
 * show wrongly is decoded, rewritten or refused by name. An error of the picture is an ImageError.
 */
type Reader = (bytes: Uint8Array, limits: Required<DecodeLimits>) => Source | Promise<Source>;

/** The formats of which sharp does not read every file rightly by itself. */
const READERS: Partial<Record<ImageFormat, Reader>> = {
  png: (bytes) => {
    checkPng(bytes);
    return { bytes };
  },
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
