import type { Metadata, Sharp } from 'sharp';
import { type TruncatedImageError, UnsupportedFormatError } from '../errors.ts';
import type { Size } from './fit.ts';
import { SUPPORTED_FORMATS } from './format.ts';
import type { ImageFormat } from './image.ts';
import { maxCostlyPixels, requirePixels } from './limits.ts';
import { openWithSharp } from './open-with-sharp.ts';
import { damaged } from './refusals.ts';
import type { Source } from './source.ts';
import { toSrgb } from './to-srgb.ts';

/** A picture whose header was read, and nothing else so far. */
export interface Picture {
  /** The size after EXIF orientation. */
  readonly size: Size;
  /** The format that libvips decodes; undefined where it reads pixels that are decoded already. */
  readonly format: ImageFormat | undefined;
  /** Whether the pixels are stored as they are seen: no EXIF orientation turns or mirrors them. */
  readonly isUpright: boolean;
  /** Starts a pipeline that reads the picture, upright. */
  readonly open: () => Sharp;
  /** Turns an error of the pipeline into ours. */
  readonly damaged: (cause: unknown) => TruncatedImageError;
}

/**
 * The largest number of channels that is accepted, colour and transparency together, for each of
 * libvips' colour spaces. 0 refuses `multiband`, a TIFF whose channels have no defined meaning.
 */
const MAX_CHANNELS: Readonly<Record<string, number>> = { 'b-w': 2, grey16: 2, cmyk: 5, multiband: 0 };
const MAX_CHANNELS_ELSE = 4;

/** EXIF's orientation of pixels that are stored as they are seen. */
const UPRIGHT = 1;

/**
 * Opens a picture with sharp: reads its size and kind from the header.
 * @throws {ImageError} as UnsupportedFormatError, TruncatedImageError or TooManyPixelsError
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export async function openPicture(source: Source, format: ImageFormat, maxPixels: number): Promise<Picture> {
  const readAs = source.readAs ?? format;
  const toDamaged = (cause: unknown): TruncatedImageError => damaged(format, cause, source.faultOf?.());
  const rethrow = (cause: unknown): never => {
    throw toDamaged(cause);
  };
  const metadata = await openWithSharp(source).metadata().catch(rethrow);
  if (!source.pixels) requireDecodable(metadata, readAs);
  const { width, height } = metadata.autoOrient;
  const size = { width, height };
  requirePixels(size, readAs === 'avif' ? maxCostlyPixels(maxPixels) : maxPixels);
  const srgb = await toSrgb(() => openWithSharp(source).autoOrient(), metadata, size).catch(rethrow);
  if ('rgb' in srgb) {
    const open = () => openWithSharp({ bytes: srgb.rgb, pixels: size });
    return { size, format: undefined, isUpright: true, open, damaged: toDamaged };
  }
  const isUpright = (metadata.orientation ?? UPRIGHT) === UPRIGHT;
  return { size, format: source.pixels ? undefined : readAs, isUpright, open: srgb.open, damaged: toDamaged };
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
