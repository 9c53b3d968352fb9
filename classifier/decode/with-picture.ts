import { detectFormat } from './format.ts';
import type { ImageFormat } from './image.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, type DecodeLimits, requireBytes } from './limits.ts';
import { openPicture, type Picture } from './open-picture.ts';
import { readSource } from './readers.ts';

/**
 * Opens an encoded image within the limits, and hands it over until `use` is done with it.
 * @throws {ImageError} as NotAnImageError, UnsupportedFormatError, TruncatedImageError,
 *   ImageTooLargeError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export async function withPicture<Result>(
  bytes: Uint8Array,
  { maxBytes = DEFAULT_MAX_BYTES, maxPixels = DEFAULT_MAX_PIXELS, heic = true }: DecodeLimits,
  use: (picture: Picture, format: ImageFormat) => Promise<Result>,
): Promise<Result> {
  requireBytes(bytes, maxBytes);
  const format = detectFormat(bytes, { heic });
  const source = await readSource(bytes, format, { maxBytes, maxPixels, heic });
  try {
    return await use(await openPicture(source, format, maxPixels), format);
  } finally {
    source.release?.();
  }
}
