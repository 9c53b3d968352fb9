import { ImageTooLargeError, TooManyPixelsError } from '../errors.ts';
import type { Size } from './fit.ts';

export const DEFAULT_MAX_BYTES = 50_000_000;
export const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Part of the largest number of pixels that an AVIF may have, and a TIFF that libvips cannot show
 * by itself. libvips takes up to 43 MB for a megapixel of an AVIF (10 bits, not subsampled,
 * docs/formats.md), three times as much as for any other format. Such a TIFF is converted sample by
 * sample, which takes up to 0.1 s for a megapixel, and it may have a kilobyte.
 */
const COSTLY_PART = 0.3;

/**
 * The longest side, in pixels. libvips works row by row: a thumbnail of 1 x 100,000,000 pixels, 194
 * kB as a PNG, took 29 s of processor time, and one of 100 x 1,000,000 takes less than a second.
 * JPEG, WebP and GIF have at most 65,535 pixels on a side.
 */
export const MAX_SIDE = 1_000_000;

export interface DecodeLimits {
  /** Largest size of an encoded image, in bytes. Default 50,000,000. */
  readonly maxBytes?: number;
  /**
   * Largest number of pixels: width x height, read from the header. Three tenths of it for AVIF,
   * and for a TIFF of other numbers or colours than 8 or 16 bits of grey, RGB or CMYK. Default
   * 100,000,000. No side may be longer than 1,000,000 pixels.
   */
  readonly maxPixels?: number;
  /** Whether HEIC is decoded; if not, it is an unsupported format. Default true. */
  readonly heic?: boolean;
}

/** @throws {ImageTooLargeError} */
export function requireBytes(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length > maxBytes) {
    throw new ImageTooLargeError(
      `the image has ${bytes.length} bytes, more than the limit of ${maxBytes}. Make it smaller and try again.`,
    );
  }
}

/** Returns the largest number of pixels of an AVIF, or of a TIFF that is converted. */
export function maxCostlyPixels(maxPixels: number): number {
  return Math.round(COSTLY_PART * maxPixels);
}

/** @throws {TooManyPixelsError} when the image has too many pixels, or too many on one side */
export function requirePixels({ width, height }: Size, maxPixels: number): void {
  if (Math.max(width, height) > MAX_SIDE) {
    throw new TooManyPixelsError(
      `the image has ${width} x ${height} pixels, and no side may be longer than ${MAX_SIDE}. Cut it into several images.`,
    );
  }
  if (width * height > maxPixels) {
    throw new TooManyPixelsError(
      `the image has ${width} x ${height} = ${width * height} pixels, more than the limit of ${maxPixels}. Make it smaller and try again.`,
    );
  }
}
