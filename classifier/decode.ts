import type { Metadata, Sharp } from 'sharp';
import { ImageTooLargeError, TooManyPixelsError, TruncatedImageError, UnsupportedFormatError } from './errors.ts';
import { fitPicture, multiply, type Size, sourceOf } from './fit.ts';
import { detectFormat, SUPPORTED_FORMATS } from './format.ts';
import { loadSharp } from './load-sharp.ts';
import type { Preprocessing } from './manifest.ts';
import { messageOf } from './message-of.ts';
import { enlargeCrop, oversamplingFor, reduceCrop } from './resample.ts';
import type { DecodedImage, DecodeLimits, ImageFormat } from './types.ts';

export const DEFAULT_MAX_BYTES = 50_000_000;
export const DEFAULT_MAX_PIXELS = 100_000_000;

/** libvips' loaders that read the six formats from memory. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

/**
 * The largest number of channels that is accepted, colour and transparency together, for each of
 * libvips' colour spaces. 0 refuses `multiband`, a TIFF whose channels have no defined meaning.
 */
const MAX_CHANNELS: Readonly<Record<string, number>> = { 'b-w': 2, grey16: 2, cmyk: 5, multiband: 0 };
const MAX_CHANNELS_ELSE = 4;

/**
 * Restricts this process to decoding: from now on libvips loads only the six formats, only from
 * memory, without a cache and without extra threads. This holds for the whole process and cannot be
 * undone, and nothing can be drawn afterwards. So importing the library never does it.
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export function blockOtherLoaders(): void {
  const library = loadSharp();
  library.block({ operation: ['VipsForeignLoad'] });
  library.unblock({ operation: LOADERS });
  library.cache(false);
  library.concurrency(1);
}

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
  { maxBytes = DEFAULT_MAX_BYTES, maxPixels = DEFAULT_MAX_PIXELS }: DecodeLimits = {},
): Promise<DecodedImage> {
  if (bytes.length > maxBytes) {
    throw new ImageTooLargeError(
      `the image has ${bytes.length} bytes, more than the limit of ${maxBytes}. Make it smaller and try again.`,
    );
  }
  const format = detectFormat(bytes);
  const open = opener(bytes);
  const size = await readSize(open(), format, maxPixels);
  const pixels = await readCrop(open().autoOrient(), size, preprocessing, format);
  return { pixels, ...size, format, bytes: bytes.length };
}

async function readCrop(
  image: Sharp,
  size: Size,
  preprocessing: Preprocessing,
  format: ImageFormat,
): Promise<Uint8Array> {
  const fit = fitPicture(size, preprocessing);
  const { resized, window, crop } = fit;
  if (resized.width > size.width || resized.height > size.height) {
    const source = sourceOf(fit, size);
    return enlargeCrop(await readPixels(image.extract(source), format), source, size, fit);
  }
  const oversampling = oversamplingFor(Math.max(size.width / resized.width, size.height / resized.height));
  const larger = await readPixels(
    image
      // Extracting the whole image stops libvips from decoding a JPEG or WebP at half its size or
      // less, which is faster but less exact.
      .extract({ left: 0, top: 0, ...size })
      .resize(resized.width * oversampling, resized.height * oversampling, { fit: 'fill', kernel: 'linear' })
      .extract(multiply(window, oversampling)),
    format,
  );
  const within = { ...crop, left: crop.left - window.left, top: crop.top - window.top };
  return reduceCrop(larger, window, oversampling, within);
}

/**
 * Reads pixels as 8-bit sRGB, [height, width, 3]. sharp flattens transparency onto white before it
 * resizes, whatever the order of the calls.
 */
function readPixels(image: Sharp, format: ImageFormat): Promise<Uint8Array> {
  return image
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw damaged(format, cause);
    });
}

function opener(bytes: Uint8Array): () => Sharp {
  const library = loadSharp();
  return () =>
    library(bytes, {
      // A file that ends early or cannot be read is an error. Odd markers and trailing bytes, which
      // many phones write, are not.
      failOn: 'error',
      // Both limits are checked in this file, exactly and with their own errors, before anything is
      // decoded.
      limitInputPixels: false,
      limitInputChannels: false,
      pages: 1,
      sequentialRead: true,
    });
}

/** Reads the size after EXIF orientation from the header alone. */
async function readSize(image: Sharp, format: ImageFormat, maxPixels: number): Promise<Size> {
  const metadata = await image.metadata().catch((cause) => {
    throw damaged(format, cause);
  });
  requireDecodable(metadata, format);
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels) {
    throw new TooManyPixelsError(
      `the image has ${width} x ${height} = ${width * height} pixels, more than the limit of ${maxPixels}. Make it smaller and try again.`,
    );
  }
  return { width, height };
}

/**
 * Refuses valid images that cannot be decoded here: HEIC that claims to be AVIF, or a satellite
 * image with ten bands.
 */
function requireDecodable({ format, compression, channels, space }: Metadata, expected: ImageFormat): void {
  const found = format === 'heif' && compression === 'av1' ? 'avif' : format;
  if (found !== expected) {
    throw new UnsupportedFormatError(
      `the file starts like ${expected}, but its content is ${compression ?? found}, which is not supported. Convert it to ${SUPPORTED_FORMATS}.`,
    );
  }
  if (channels > (MAX_CHANNELS[space] ?? MAX_CHANNELS_ELSE)) {
    throw new UnsupportedFormatError(
      `the ${expected} image has ${channels} channels (${space}). Convert it to grey, RGB or CMYK.`,
    );
  }
}

/**
 * Turns libvips' error about a known format into ours. Its messages repeat themselves, so only the
 * first line is kept.
 */
function damaged(format: ImageFormat, cause: unknown): TruncatedImageError {
  const [reason] = messageOf(cause).split('\n');
  return new TruncatedImageError(
    `the ${format} image is incomplete or damaged (${reason}). Try again with a complete copy of the file.`,
    cause,
  );
}
