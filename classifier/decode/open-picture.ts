import type { Metadata, Sharp } from 'sharp';
import { UnsupportedFormatError } from '../errors.ts';
import { loadSharp } from '../load-sharp.ts';
import type { Size } from './fit.ts';
import { SUPPORTED_FORMATS } from './format.ts';
import type { ImageFormat } from './image.ts';
import { requirePixels } from './limits.ts';
import type { Source } from './readers.ts';
import { damaged } from './refusals.ts';

/** A picture whose header was read, and nothing else so far. */
export interface Picture {
  readonly format: ImageFormat;
  /** The size after EXIF orientation. */
  readonly size: Size;
  /** Starts a pipeline that reads the picture, upright. */
  readonly open: () => Sharp;
}

/**
 * The largest number of channels that is accepted, colour and transparency together, for each of
 * libvips' colour spaces. 0 refuses `multiband`, a TIFF whose channels have no defined meaning.
 */
const MAX_CHANNELS: Readonly<Record<string, number>> = { 'b-w': 2, grey16: 2, cmyk: 5, multiband: 0 };
const MAX_CHANNELS_ELSE = 4;

/**
 * Opens a picture with sharp: reads its size and kind from the header.
 * @throws {ImageError} as UnsupportedFormatError, TruncatedImageError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export async function openPicture(source: Source, format: ImageFormat, maxPixels: number): Promise<Picture> {
  const open = opener(source);
  const metadata = await open()
    .metadata()
    .catch((cause) => {
      throw damaged(format, cause);
    });
  if (!source.pixels) requireDecodable(metadata, source.readAs ?? format);
  const { width, height } = metadata.autoOrient;
  requirePixels({ width, height }, maxPixels);
  return { format, size: { width, height }, open: () => open().autoOrient() };
}

function opener({ bytes, pixels }: Source): () => Sharp {
  const library = loadSharp();
  return () =>
    library(bytes, {
      // A file that ends early or cannot be read is an error. Odd markers and trailing bytes, which
      // many phones write, are not.
      failOn: 'error',
      // Both limits are checked in this room, exactly and with their own errors, before anything is
      // decoded.
      limitInputPixels: false,
      limitInputChannels: false,
      pages: 1,
      sequentialRead: true,
      ...(pixels && { raw: { ...pixels, channels: 3 } }),
    });
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
