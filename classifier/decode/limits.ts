import { ImageTooLargeError, TooManyPixelsError } from '../errors.ts';
import type { Size } from './fit.ts';

export const DEFAULT_MAX_BYTES = 50_000_000;
export const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Part of the largest number of pixels that an AVIF may have. libvips takes up to 43 MB for a
 * megapixel of it (10 bits, not subsampled, docs/formats.md), three times as much as for any other
 * format.
 */
const AVIF_PART = 0.3;

export interface DecodeLimits {
  /** Largest size of an encoded image, in bytes. Default 50,000,000. */
  readonly maxBytes?: number;
  /**
   * Largest number of pixels: width x height, read from the header. Three tenths of it for AVIF.
   * Default 100,000,000.
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

/** Returns the largest number of pixels of an AVIF. */
export function maxAvifPixels(maxPixels: number): number {
  return Math.round(AVIF_PART * maxPixels);
}

/** @throws {TooManyPixelsError} */
export function requirePixels({ width, height }: Size, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new TooManyPixelsError(
      `the image has ${width} x ${height} = ${width * height} pixels, more than the limit of ${maxPixels}. Make it smaller and try again.`,
    );
  }
}
