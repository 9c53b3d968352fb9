import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { readGif } from '../../../classifier/decode/gif.ts';
import { TooManyPixelsError, TruncatedImageError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';
import { crop } from './compare.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const CANVAS = 60;

/** A GIF of one red frame, 20 x 30 pixels, that is moved to a place on a larger canvas. */
async function drawGif(left: number, top: number): Promise<Buffer> {
  const frame = { create: { width: 20, height: 30, channels: 3, background: 'red' } } as const;
  const bytes = await sharp(frame).gif().toBuffer();
  bytes.writeUInt16LE(CANVAS, 6);
  bytes.writeUInt16LE(CANVAS, 8);
  const descriptor = bytes.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0, 20, 0, 30, 0]));
  bytes.writeUInt16LE(left, descriptor + 1);
  bytes.writeUInt16LE(top, descriptor + 3);
  // sharp writes a graphic control extension without transparency.
  return bytes;
}

/** The colour at a place of the canvas, given in its pixels. */
function colourAt(pixels: Uint8Array, x: number, y: number): number[] {
  // The canvas becomes 256 pixels wide, of which the crop leaves 16 out on each side.
  const at = (value: number): number => Math.round(((value + 0.5) * 256) / CANVAS - 16);
  return [...pixels.subarray((at(y) * 224 + at(x)) * 3, (at(y) * 224 + at(x)) * 3 + 3)];
}

test.each([
  ['in the middle', 20, 15],
  ['at the upper left', 0, 0],
  ['at the lower right', 40, 30],
])('what a frame %s does not cover is white', async (_title, left, top) => {
  const pixels = await crop(await drawGif(left, top));

  for (let y = 6; y < CANVAS - 6; y += 1) {
    for (let x = 6; x < CANVAS - 6; x += 1) {
      // The border between red and white is blurred.
      const inside = (margin: number): boolean =>
        x >= left - margin && x < left + 20 + margin && y >= top - margin && y < top + 30 + margin;
      if (inside(-2)) expect(colourAt(pixels, x, y)).toEqual([255, 0, 0]);
      if (!inside(2)) expect(colourAt(pixels, x, y)).toEqual([255, 255, 255]);
    }
  }
});

test('limits and damage are checked before the canvas is painted', async () => {
  const bytes = await drawGif(20, 15);

  await expect(decodeImage(bytes, PREPROCESSING, { maxPixels: CANVAS ** 2 - 1 })).rejects.toThrow(TooManyPixelsError);
  await expect(decodeImage(bytes.subarray(0, -8), PREPROCESSING)).rejects.toThrow(TruncatedImageError);
});

test('a frame that reaches far out of the canvas is rejected before its pixels are read', async () => {
  const bytes = await drawGif(16_000, 6_000);
  // Without transparency, so that what the frame does not cover has to be painted.
  const flags = bytes.indexOf(Buffer.of(0x21, 0xf9, 4)) + 3;
  bytes.writeUInt8(bytes.readUInt8(flags) & 0xfe, flags);

  // libvips makes the canvas so large that it would take 386 MB.
  await expect(readGif(bytes, { maxPixels: 1_000_000 })).rejects.toThrow(TooManyPixelsError);
});

describe('frames behind the first are left out', () => {
  const DESCRIPTOR = Buffer.from([0x2c, 0, 0, 0, 0, 20, 0, 30, 0]);

  /** What a file holds behind its first frame. The one frame that it has is repeated. */
  async function drawAnimation(behind: (frame: Buffer) => Buffer): Promise<{ first: Buffer; all: Buffer }> {
    const first = await drawGif(0, 0);
    const frame = first.subarray(first.lastIndexOf(DESCRIPTOR), -1);
    return { first, all: Buffer.concat([first.subarray(0, -1), behind(frame)]) };
  }

  test.each([
    ['more frames', (frame: Buffer) => Buffer.concat([frame, frame, Buffer.of(0x3b)])],
    ['a frame that is cut off', (frame: Buffer) => frame.subarray(0, 20)],
    ['a comment', () => Buffer.from([0x21, 0xfe, 2, 0x68, 0x69, 0, 0x3b])],
    ['nothing, not even the end of the file', () => Buffer.alloc(0)],
  ])('%s', async (_title, behind) => {
    const { first, all } = await drawAnimation(behind);
    const before = Buffer.from(all);

    const pixels = await crop(all);

    expect(Buffer.from(pixels).equals(await crop(first))).toBe(true);
    expect(all).toEqual(before);
  });

  test('libvips is given the first frame, and no copy where there is only one', async () => {
    const { first, all } = await drawAnimation((frame) => Buffer.concat([frame, Buffer.of(0x3b)]));
    const size = { maxPixels: CANVAS ** 2 };
    for (const file of [first, all]) {
      // Transparency, so that nothing is painted.
      const flags = file.indexOf(Buffer.of(0x21, 0xf9, 4)) + 3;
      file.writeUInt8(file.readUInt8(flags) | 1, flags);
    }

    expect(Buffer.from((await readGif(all, size)).bytes)).toEqual(first);
    expect((await readGif(first, size)).bytes.buffer).toBe(first.buffer);
  });

  test('a first frame that is cut off is refused', async () => {
    const { all } = await drawAnimation((frame) => frame);

    await expect(decodeImage(all.subarray(0, all.indexOf(DESCRIPTOR) + 14), PREPROCESSING)).rejects.toThrow(
      TruncatedImageError,
    );
  });
});
