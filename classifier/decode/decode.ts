import type { Preprocessing } from '../manifest.ts';
import type { DecodedImage } from './image.ts';
import type { DecodeLimits } from './limits.ts';
import { readCrop } from './read-crop.ts';
import { withPicture } from './with-picture.ts';

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
export function decodeImage(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  limits: DecodeLimits = {},
): Promise<DecodedImage> {
  return withPicture(bytes, limits, async (picture, format) => {
    const pixels = await readCrop(picture, preprocessing);
    return { pixels, ...picture.size, format, bytes: bytes.length };
  });
}
