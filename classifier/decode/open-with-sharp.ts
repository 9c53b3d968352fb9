import type { Sharp } from 'sharp';
import { loadSharp } from '../load-sharp.ts';
import type { Source } from './source.ts';

/**
 * Starts a pipeline that reads a picture, or the first one of several.
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export function openWithSharp({ bytes, pixels, isStrict = false }: Source): Sharp {
  return loadSharp()(bytes, {
    // A file that ends early or cannot be read is an error. Odd markers and trailing bytes, which
    // many phones write, are not.
    failOn: isStrict ? 'warning' : 'error',
    // Both limits are checked in this room, exactly and with their own errors, before anything is
    // decoded.
    limitInputPixels: false,
    limitInputChannels: false,
    pages: 1,
    sequentialRead: true,
    ...(pixels && { raw: { ...pixels, channels: 3 } }),
  });
}
