import { createRequire } from 'node:module';
import type sharpType from 'sharp';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Width and height of the drawing, in pixels. */
export const SIZE = { width: 50, height: 37 } as const;

/** Photometric interpretations (tag 262). */
export const [WHITE_IS_ZERO, GREY, RGB, PALETTE, CMYK, YCBCR, ICC_LAB] = [0, 1, 2, 3, 5, 6, 9];

/** A drawing with edges and gradients that uses the whole range. Returns 0 to 255. */
export function level(x: number, y: number, channel: number): number {
  const steps = [x * 5.21, y * 7.1, ((x >> 3) + (y >> 3)) % 2 ? 30 : 220];
  return Math.min(255, Math.round(steps[channel] ?? 0));
}

/** The drawing as a PNG of 8 bits, in one or three channels. */
export function twin(channels: 1 | 3): Promise<Buffer> {
  const data = new Uint8Array(SIZE.width * SIZE.height * channels);
  for (let at = 0; at < data.length; at += 1) {
    const pixel = Math.floor(at / channels);
    data[at] = level(pixel % SIZE.width, Math.floor(pixel / SIZE.width), at % channels);
  }
  const raw = sharp(data, { raw: { ...SIZE, channels } });
  return (channels === 1 ? raw.toColourspace('b-w') : raw).png().toBuffer();
}
