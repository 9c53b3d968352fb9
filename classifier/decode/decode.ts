import type { Preprocessing } from '../manifest.ts';
import { detectFormat } from './format.ts';
import type { DecodedImage } from './image.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, type DecodeLimits, requireBytes } from './limits.ts';
import { openPicture } from './open-picture.ts';
import { readCrop } from './read-crop.ts';
import { readSource } from './readers.ts';

/**
 * Decodes an encoded image and fits it to a model as torchvision's evaluation transform does: the
 * shorter side becomes `resize` (bilinear, antialiased), then the centre is cropped. EXIF
 * orientation is applied; transparency is flattened onto white; grey, palettes, CMYK, 16 bits and
 * embedded colour profiles become 8-bit sRGB. Only the first frame or page of a file is used.
 * @returns pixels uint8 [crop, crop, 3] (height, width, RGB) and the size of the original
 * @throws {ImageError} as NotAnImageError, UnsupportedFormatError, TruncatedImageError,
 *   ImageTooLargeError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary for this platform
 * @example
 * (await decodeImage(await readFile('cat.jpg'), manifest.preprocessing)).pixels.length // 150528
 */
export async function decodeImage(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  { maxBytes = DEFAULT_MAX_BYTES, maxPixels = DEFAULT_MAX_PIXELS, heic = true }: DecodeLimits = {},
): Promise<DecodedImage> {
  requireBytes(bytes, maxBytes);
  const format = detectFormat(bytes, { heic });
  const source = await readSource(bytes, format, { maxBytes, maxPixels, heic });
  try {
    const picture = await openPicture(source, format, maxPixels);
    const pixels = await readCrop(picture, preprocessing);
    return { pixels, ...picture.size, format, bytes: bytes.length };
  } finally {
    source.release?.();
  }
}
