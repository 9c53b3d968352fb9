import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { MAX_THUMBNAIL_BYTES, makeThumbnail } from '../../../classifier/decode/thumbnail.ts';
import { ImageTooLargeError, TooManyPixelsError, TruncatedImageError } from '../../../classifier/errors.ts';
import { meanDifference } from './compare.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const FIXTURES = new URL('../../fixtures/preprocess/', import.meta.url);
const chelsea = readFileSync(new URL('chelsea-large.jpg', FIXTURES));

async function factsOf(picture: Uint8Array) {
  const { format, width, height, exif, icc, hasAlpha } = await sharp(picture).metadata();
  return { format, width, height, exif, icc, hasAlpha };
}

const WEBP = { format: 'webp', exif: undefined, icc: undefined, hasAlpha: false };

test('a picture becomes a WebP of 400 pixels on its longer side, without metadata', async () => {
  const { width = 0, height = 0 } = await sharp(chelsea).metadata();

  const thumbnail = await makeThumbnail(chelsea);

  expect(await factsOf(thumbnail)).toEqual({ ...WEBP, width: 400, height: Math.round((400 * height) / width) });
  expect(thumbnail.length).toBeLessThan(MAX_THUMBNAIL_BYTES);
});

test('it is upright, and has nothing of EXIF', async () => {
  const lying = await sharp(chelsea)
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
    .withMetadata({ orientation: 6 })
    .toBuffer();

  const { width, height, exif } = await factsOf(await makeThumbnail(lying));

  expect([height, exif]).toEqual([400, undefined]);
  expect(width).toBeLessThan(400);
});

test('it shows the picture: its pixels are those of the resized original', async () => {
  const expected = await sharp(chelsea).resize(400, 400, { fit: 'inside' }).removeAlpha().raw().toBuffer();

  const found = await sharp(await makeThumbnail(chelsea))
    .raw()
    .toBuffer();

  expect(meanDifference(found, expected)).toBeLessThan(6);
});

test('a small picture is not enlarged, and transparency is white', async () => {
  const clear = await sharp({
    create: { width: 30, height: 20, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toBuffer();

  const thumbnail = await makeThumbnail(clear);

  expect(await factsOf(thumbnail)).toEqual({ ...WEBP, width: 30, height: 20 });
  expect([...(await sharp(thumbnail).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255]);
});

test('a strip of one pixel stays one', async () => {
  const strip = await sharp({ create: { width: 5000, height: 1, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

  expect(await factsOf(await makeThumbnail(strip))).toEqual({ ...WEBP, width: 400, height: 1 });
});

test('even noise has no more bytes than are allowed', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 80 } as const;
  const picture = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'white', noise } })
    .png()
    .toBuffer();

  expect((await makeThumbnail(picture)).length).toBeLessThanOrEqual(MAX_THUMBNAIL_BYTES);
});

test('limits and damage are errors, as for a model', async () => {
  await expect(makeThumbnail(chelsea, { maxBytes: 1000 })).rejects.toThrow(ImageTooLargeError);
  await expect(makeThumbnail(chelsea, { maxPixels: 1000 })).rejects.toThrow(TooManyPixelsError);
  await expect(makeThumbnail(chelsea.subarray(0, chelsea.length * 0.9))).rejects.toThrow(TruncatedImageError);
});
