import { plainTiff } from '../tiff/plain.ts';
import type { Pixels } from './decode-primary.ts';

const WHITE = 255;

/**
 * Writes pixels as an uncompressed TIFF.
 * @param profile ICC profile of the pixels; undefined means sRGB
 * @returns a view of a buffer that can be resized, see `PlainTiff`
 */
export function pixelsAsTiff(pixels: Pixels, profile: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  const { width, height, premultiplied, limitedRange } = pixels;
  // Premultiplied colours are put onto white right here, because libvips would multiply them again.
  const hasAlpha = pixels.channels === 4 && !premultiplied;
  const tiff = plainTiff({ width, height, channels: 3, hasAlpha, profile });
  const rowBytes = width * (hasAlpha ? 4 : 3);
  pixels.forEachRow((row, y) => {
    const target = tiff.pixels.subarray(y * rowBytes, (y + 1) * rowBytes);
    if (premultiplied) putOnWhite(row, target);
    else if (limitedRange) expand(row, target, pixels.channels);
    else target.set(row);
  });
  return tiff.bytes;
}

function putOnWhite(rgba: Uint8Array, rgb: Uint8ClampedArray): void {
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const uncovered = WHITE - (rgba[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[to + channel] = (rgba[from + channel] ?? 0) + uncovered;
    }
  }
}

/** Spreads 16 to 235 to 0 to 255 (ITU-R BT.601). */
export const EXPANDED = Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - 16) * 255) / 219);

function expand(row: Uint8Array, expanded: Uint8ClampedArray, channels: number): void {
  for (const [at, value] of row.entries()) {
    const isAlpha = channels === 4 && at % 4 === 3;
    expanded[at] = isAlpha ? value : (EXPANDED[value] ?? 0);
  }
}
