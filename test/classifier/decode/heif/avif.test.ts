import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { TooManyPixelsError, TruncatedImageError, UnsupportedFormatError } from '../../../../classifier/errors.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { box, irot, nclx, takeItems, text, u32, type WrittenItem, writeHeif } from './heif-writer.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Largest mean difference from the picture that was coded, of 255: what coding in AV1 costs. */
const MAX_MEAN_DIFFERENCE = 1.5;
const BASE = fixture('base.png');
const MONO = fixture('mono-limited.avif');

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures/avif/${name}`, import.meta.url));
}

async function crop(bytes: Uint8Array, limits = {}): Promise<Uint8Array> {
  return (await decodeImage(bytes, PREPROCESSING, limits)).pixels;
}

async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = [await crop(a), await crop(b)];
  return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? Number.NaN)), 0) / one.length;
}

/** Writes the monochrome picture with other colour boxes. */
function monoWith(...properties: readonly Buffer[]): Buffer {
  const [item] = takeItems(MONO) as [WrittenItem];
  const others = item.properties.filter((property) => !Buffer.from(property).includes('colr'));
  return writeHeif({
    brands: ['avif', 'mif1'],
    primary: item.id,
    items: [{ ...item, properties: [...others, ...properties] }],
  });
}

/** The base in grey, by the weights of BT.601, as the file was coded. */
function greyBase(): Promise<Buffer> {
  const weights: [number, number, number] = [0.299, 0.587, 0.114];
  return sharp(BASE).recomb([weights, weights, weights]).png().toBuffer();
}

test('a file whose brands say only HEIF, with a picture in AV1, is decoded', async () => {
  const [item] = takeItems(await sharp(BASE).avif({ quality: 90 }).toBuffer()) as [WrittenItem];

  expect(await difference(writeHeif({ brands: ['mif1'], primary: item.id, items: [item] }), BASE)).toBeLessThanOrEqual(
    MAX_MEAN_DIFFERENCE,
  );
});

describe('a sequence', () => {
  test.each([
    ['with a still picture', async () => fixture('anim.avif')],
    [
      'that is only called one',
      async () => {
        const bytes = await sharp(BASE).avif({ quality: 90 }).toBuffer();
        bytes.write('avis', 8, 'latin1');
        return bytes;
      },
    ],
  ])('%s shows it, and its bytes are left alone', async (_kind, make) => {
    const bytes = await make();
    const before = Buffer.from(bytes);

    expect(await difference(bytes, BASE)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(bytes.equals(before)).toBe(true);
  });

  test('without a still picture is not supported, and one that is cut is incomplete', async () => {
    const bare = Buffer.concat([box('ftyp', text('avis'), u32(0), text('msf1')), box('moov'), box('mdat')]);
    const whole = fixture('anim.avif');

    await expect(crop(bare)).rejects.toThrow(UnsupportedFormatError);
    await expect(crop(bare)).rejects.toThrow('a sequence without a still picture');
    await expect(crop(whole.subarray(0, 1100))).rejects.toThrow(TruncatedImageError);
  });
});

describe('brightness without colour', () => {
  test.each([
    ['as it was written', MONO],
    ['after another colour box', monoWith(nclx(1, 13, 6, false))],
  ])('16 to 235 become 0 to 255: %s', async (_title, bytes) => {
    expect(await difference(bytes, await greyBase())).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('a picture that is turned too', async () => {
    const bytes = monoWith(nclx(1, 13, 6, false), irot(1));
    const turned = await sharp(await greyBase())
      .rotate(270)
      .png()
      .toBuffer();

    expect(await difference(bytes, turned)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('is left alone where the box says full range, although the bitstream says limited', async () => {
    const compressed = await sharp(await greyBase())
      .linear(219 / 255, 16)
      .png()
      .toBuffer();

    expect(await difference(monoWith(nclx(1, 13, 6, true)), compressed)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('has the limit of AVIF, and is damaged where it is cut off', async () => {
    // 96 x 80 pixels are three tenths of 25,600.
    await expect(crop(MONO, { maxPixels: 25_600 })).resolves.toBeDefined();
    await expect(crop(MONO, { maxPixels: 25_596 })).rejects.toThrow(TooManyPixelsError);
    for (const share of [0.1, 0.5, 0.9]) {
      await expect(crop(MONO.subarray(0, Math.floor(MONO.length * share)))).rejects.toThrow(TruncatedImageError);
    }
  });
});
