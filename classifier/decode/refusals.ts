import { TruncatedImageError, UnsupportedFormatError } from '../errors.ts';
import { SUPPORTED_FORMATS } from './format.ts';
import type { ImageFormat } from './image.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Says that a sound file is of a kind that is not decoded here.
 * @param kind what it is, as in "the png image is …"
 * @param cure what it is to be converted to
 */
export function unsupported(format: ImageFormat, kind: string, cure = SUPPORTED_FORMATS): UnsupportedFormatError {
  return new UnsupportedFormatError(`the ${format} image is ${kind}, which is not supported. Convert it to ${cure}.`);
}

/**
 * Says that a file ends early or is damaged.
 * @param cause the reason, or the error of libvips that has it
 * @param otherwise the reason where that error names none
 */
export function damaged(
  format: ImageFormat,
  cause: unknown,
  otherwise = 'its data cannot be read',
): TruncatedImageError {
  const reason = typeof cause === 'string' ? cause : (reasonOf(cause) ?? otherwise);
  return new TruncatedImageError(
    `the ${format} image is incomplete or damaged (${reason}). Try again with a complete copy of the file.`,
    typeof cause === 'string' ? undefined : cause,
  );
}
