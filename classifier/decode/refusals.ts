import { TruncatedImageError, UnsupportedFormatError } from '../errors.ts';
import { messageOf } from '../message-of.ts';
import { SUPPORTED_FORMATS } from './format.ts';
import type { ImageFormat } from './image.ts';

/**
 * Says that a sound file is of a kind that is not decoded here.
 * @param kind what it is, as in "the png image is …"
 * @param cure what it is to be converted to
 */
export function unsupported(format: ImageFormat, kind: string, cure = SUPPORTED_FORMATS): UnsupportedFormatError {
  return new UnsupportedFormatError(`the ${format} image is ${kind}, which is not supported. Convert it to ${cure}.`);
}

/**
 * Turns libvips' error about a known format into ours. Its messages repeat themselves, so only the
 * first line is kept.
 */
export function damaged(format: ImageFormat, cause: unknown): TruncatedImageError {
  const [reason] = messageOf(cause).split('\n');
  return new TruncatedImageError(
    `the ${format} image is incomplete or damaged (${reason}). Try again with a complete copy of the file.`,
    cause,
  );
}
