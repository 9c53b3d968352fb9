import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { seeded } from '../../../models/sample/drawing/brush.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Width and height of a patch of colour, in pixels. */
const PATCH = 6;

/**
 * Draws a gradient: red rises from left to right, green from top to bottom. It shows every rotation
 * and mirroring, and a shift of one pixel.
 */
export function gradient(width: number, height: number) {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      pixels.set(
        [Math.round((255 * x) / (width - 1 || 1)), Math.round((255 * y) / (height - 1 || 1)), 40],
        (y * width + x) * 3,
      );
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/**
 * Draws patches of six pixels in random colours, with noise on top: many sharp edges, and detail in
 * every pixel.
 */
export function patches(width: number, height: number): Uint8Array {
  const random = seeded(width * 7919 + height);
  // The noise is drawn once and repeated. Its length is a prime number, so that no pattern appears.
  const values = Float32Array.from({ length: 65_521 }, random);
  const columns = Math.ceil(width / PATCH);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const patch = ((y - (y % PATCH)) / PATCH) * columns + (x - (x % PATCH)) / PATCH;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = (y * width + x) * 3 + channel;
        const colour = values[(patch * 3 + channel) % values.length] ?? 0;
        pixels[at] = 220 * colour + 30 * (values[at % values.length] ?? 0);
      }
    }
  }
  return pixels;
}
