import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import type { Sharp as SharpPipeline } from 'sharp';
import { TruncatedImageError } from '../../../classifier/errors.ts';
import { torchvisionCrop } from '../torchvision-crop.ts';
import { crop, meanDifference } from './compare.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const PHOTOGRAPH = new URL('../../fixtures/preprocess/chelsea.jpg', import.meta.url);
/** Mean absolute difference, of 255. */
const MAX_MEAN_DIFFERENCE = 0.6;

/**
 * Repeats a photograph until the size is filled. It is enlarged first, so that a pixel has as much
 * detail as in photographs of that size.
 */
async function detailed(width: number, height: number): Promise<Buffer> {
  const { data, info } = await sharp(readFileSync(PHOTOGRAPH)).resize(1400).raw().toBuffer({ resolveWithObject: true });
  const line = info.width * 3;
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const from = (y % info.height) * line;
    pixels.fill(data.subarray(from, from + line), y * width * 3, (y + 1) * width * 3);
  }
  return pixels;
}

/** Decodes all of a file, without any reduction, upright. */
async function allPixels(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * Large files are decoded at a reduced size. Each reduction has a row here.
 */
describe('large JPEG and WebP files differ from torchvision by at most 0.6 of 255 on average', () => {
  const raw = (width: number, height: number) => ({ raw: { width, height, channels: 3 as const } });

  test.each<['jpeg' | 'webp', number, number, string]>([
    ['jpeg', 1281, 1029, 'a reduction by 4.02: not decoded at a half'],
    ['jpeg', 1500, 1204, 'by 4.7: at a half'],
    ['jpeg', 1501, 1203, 'by 4.7, odd: at a half it is stretched'],
    ['jpeg', 2700, 1998, 'by 7.8: at a half'],
    ['jpeg', 2400, 2304, 'by 9.0: at a quarter too little would be left'],
    ['jpeg', 3008, 2500, 'by 9.8: at a quarter'],
    ['jpeg', 3005, 2501, 'by 9.8, odd: at a quarter it is stretched'],
    ['jpeg', 3007, 2501, 'by 9.8, odd: at a quarter it would be stretched too far'],
    ['jpeg', 4904, 4800, 'by 18.75: at an eighth'],
    ['webp', 1401, 1103, 'by 4.3'],
    ['webp', 3007, 2401, 'by 9.4'],
  ])('%s, %i x %i: %s', async (format, width, height) => {
    const bytes = await sharp(await detailed(width, height), raw(width, height))
      .toFormat(format, { quality: 90 })
      .toBuffer();

    const pixels = await crop(bytes);

    expect(meanDifference(pixels, torchvisionCrop(await allPixels(bytes)))).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  const width = 1500;
  const height = 1204;

  test.each([
    ['progressive', (image: SharpPipeline) => image.jpeg({ progressive: true })],
    ['4:4:4', (image: SharpPipeline) => image.jpeg({ chromaSubsampling: '4:4:4' })],
    ['grey', (image: SharpPipeline) => image.grayscale().jpeg()],
    ['CMYK with a profile', (image: SharpPipeline) => image.withIccProfile('cmyk').jpeg()],
    ['Display P3', (image: SharpPipeline) => image.withIccProfile('p3').jpeg()],
  ])('a JPEG, %s', async (_kind, encode) => {
    const bytes = await encode(sharp(await detailed(width, height), raw(width, height))).toBuffer();

    const pixels = await crop(bytes);

    expect(meanDifference(pixels, torchvisionCrop(await allPixels(bytes)))).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test.each([2, 3, 4, 5, 6, 7, 8])('a JPEG with odd sides and EXIF orientation %i', async (orientation) => {
    const bytes = await sharp(await detailed(1501, 1203), raw(1501, 1203))
      .withMetadata({ orientation })
      .jpeg()
      .toBuffer();

    const pixels = await crop(bytes);

    expect(meanDifference(pixels, torchvisionCrop(await allPixels(bytes)))).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test.each([
    ['jpeg', {}],
    ['jpeg', { progressive: true }],
    ['webp', {}],
  ] as const)('a large %s %p that is cut at 50 to 99% is refused', async (format, options) => {
    const bytes = await sharp(await detailed(width, height), raw(width, height))
      .toFormat(format, options)
      .toBuffer();

    for (const share of [0.5, 0.9, 0.95, 0.99]) {
      await expect(crop(bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toThrow(TruncatedImageError);
    }
  });
});
