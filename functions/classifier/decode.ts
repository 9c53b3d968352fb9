import { createRequire } from 'node:module';
import type sharp from 'sharp';
import type { Metadata, Sharp } from 'sharp';
import {
  ImageTooLargeError,
  NativePackageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from '../errors.ts';
import { fitPicture, type Region } from './fit.ts';
import { detectFormat, SUPPORTED_FORMATS } from './format.ts';
import type { Preprocessing } from './manifest.ts';
import type { DecodedImage, DecodeLimits, ImageFormat } from './types.ts';

export const DEFAULT_MAX_BYTES = 50_000_000;
export const DEFAULT_MAX_PIXELS = 100_000_000;

/** libvips' loaders of the six formats, from memory. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

/** RGB and transparency, or CMYK: a TIFF may have any number. */
const MAX_CHANNELS = 4;
/** What libvips calls channels without a meaning. */
const NO_COLOUR_SPACE = 'multiband';

/** Of what comes out: red, green, blue. */
const RGB_CHANNELS = 3;

/** EXIF orientations from this one on swap width and height. */
const FIRST_TURNED_ORIENTATION = 5;

const require = createRequire(import.meta.url);

/**
 * Makes this process one that only decodes: from now on libvips loads the six formats from memory and nothing else, keeps no cache and
 * starts no threads. For the whole process and for good, so importing the library never does it; nothing can be drawn afterwards.
 * @throws {NativePackageError} when sharp has no binary here
 */
export function blockOtherLoaders(): void {
  const library = loadSharp();
  library.block({ operation: ['VipsForeignLoad'] });
  library.unblock({ operation: LOADERS });
  library.cache(false);
  library.concurrency(1);
}

/**
 * Decodes an encoded image and fits it to a model, as torchvision's evaluation transform does: shorter side to `resize` (bilinear,
 * antialiased), centre crop, RGB. EXIF orientation is applied; transparency is flattened onto white; grey, palettes, CMYK, 16 bits and
 * embedded colour profiles become 8-bit sRGB. Of an animation or a multi-page file the first picture counts.
 * @returns pixels uint8 [crop, crop, 3] (height, width, RGB) and the original's size
 * @throws {ImageError} as NotAnImageError, UnsupportedFormatError, TruncatedImageError, ImageTooLargeError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary here
 * @example (await decodeImage(await readFile('cat.jpg'), manifest.preprocessing)).pixels.length // 150528
 */
export async function decodeImage(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  { maxBytes = DEFAULT_MAX_BYTES, maxPixels = DEFAULT_MAX_PIXELS }: DecodeLimits = {},
): Promise<DecodedImage> {
  if (bytes.length > maxBytes) {
    throw new ImageTooLargeError(
      `the image has ${bytes.length} bytes, expected at most ${maxBytes}: make it smaller first`,
    );
  }
  const format = detectFormat(bytes);
  const open = opener(bytes);
  const { width, height } = await readSize(open, format, maxPixels);
  const { source, resized, crop } = fitPicture(width, height, preprocessing);
  const pixels = await open()
    .autoOrient()
    // Even of the whole picture: it keeps libvips from decoding a JPEG or WebP at half its size or less, which is faster and less exact.
    .extract(source)
    .flatten({ background: 'white' })
    .resize(resized.width, resized.height, { fit: 'fill', kernel: 'linear' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw damaged(format, cause);
    });
  return { pixels: cropPixels(pixels, resized.width, crop), width, height, format, bytes: bytes.length };
}

/**
 * Cut here and not by libvips, which would then stop reading above the end of a tall picture and never see that it is missing.
 * @param pixels uint8 [height, width, 3]
 */
function cropPixels(pixels: Uint8Array, width: number, crop: Region): Uint8Array {
  const cropped = new Uint8Array(crop.width * crop.height * RGB_CHANNELS);
  for (let row = 0; row < crop.height; row += 1) {
    const start = ((crop.top + row) * width + crop.left) * RGB_CHANNELS;
    cropped.set(pixels.subarray(start, start + crop.width * RGB_CHANNELS), row * crop.width * RGB_CHANNELS);
  }
  return cropped;
}

function opener(bytes: Uint8Array): () => Sharp {
  const library = loadSharp();
  return () =>
    library(bytes, {
      // Ends early or cannot be read: an error. Odd markers and trailing bytes, which many phones write, are not.
      failOn: 'error',
      // Both are checked here, exactly and by name, before anything is decoded.
      limitInputPixels: false,
      limitInputChannels: false,
      pages: 1,
      sequentialRead: true,
    });
}

/** Width and height after EXIF orientation, in pixels, from the header alone. */
async function readSize(open: () => Sharp, format: ImageFormat, maxPixels: number) {
  const metadata = await open()
    .metadata()
    .catch((cause) => {
      throw damaged(format, cause);
    });
  const { width, height, orientation = 1 } = metadata;
  requireDecodable(metadata, format);
  if (width * height > maxPixels) {
    throw new TooManyPixelsError(
      `the image has ${width} x ${height} = ${width * height} pixels, expected at most ${maxPixels}: make it smaller first`,
    );
  }
  return orientation >= FIRST_TURNED_ORIENTATION ? { width: height, height: width } : { width, height };
}

/** A picture may be sound and still of a kind that is not decoded: HEIC under AVIF's brand, ten bands of a satellite. */
function requireDecodable({ format, compression, channels, space }: Metadata, expected: ImageFormat): void {
  const found = format === 'heif' && compression === 'av1' ? 'avif' : format;
  if (found !== expected) {
    throw new UnsupportedFormatError(
      `the file's leading bytes are ${expected}'s, but it is ${compression ?? found} inside, expected one of ${SUPPORTED_FORMATS}: convert it first`,
    );
  }
  if (channels > MAX_CHANNELS || space === NO_COLOUR_SPACE) {
    throw new UnsupportedFormatError(
      `the ${expected} image has ${channels} channels (${space}), expected grey, RGB or CMYK: convert it first`,
    );
  }
}

/** Whatever libvips cannot decode of a known format. Of its messages, which repeat themselves, the first line says enough. */
function damaged(format: ImageFormat, cause: unknown): TruncatedImageError {
  const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return new TruncatedImageError(`the ${format} image ends early or is damaged (${reason}): upload it again`, cause);
}

function loadSharp(): typeof sharp {
  try {
    return require('sharp');
  } catch (cause) {
    throw new NativePackageError('sharp', cause);
  }
}
