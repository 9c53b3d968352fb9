import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { crop, meanDifference } from '../compare.ts';
import { CMYK, GREY, ICC_LAB, level, PALETTE, RGB, SIZE, twin, WHITE_IS_ZERO, YCBCR } from './drawn-tiff.ts';
import { patch } from './patch-tiff.ts';
import { type TiffOptions, writeTiff } from './write-tiff.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const [UNSPECIFIED, ASSOCIATED, UNASSOCIATED] = [0, 1, 2];

/** How far the drawing, stored as a TIFF, is from its twin. */
async function differenceFromTwin(
  options: Omit<TiffOptions, 'width' | 'height' | 'samples'> & { readonly samples?: number },
  toSample: (level: number) => number,
  channels: 1 | 3 = options.photometric === RGB ? 3 : 1,
): Promise<number> {
  const samples = options.samples ?? channels;
  const bytes = writeTiff({ ...SIZE, ...options, samples }, (x, y, sample) => toSample(level(x, y, sample)));
  return meanDifference(await crop(bytes), await crop(await twin(channels)));
}

const stored = {
  'in strips': {},
  'in tiles': { tile: 16 },
  'in planes': { planar: true },
  'in planes of tiles': { planar: true, tile: 16 },
  'big-endian': { bigEndian: true },
  'in a BigTIFF': { bigTiff: true },
  'in a big-endian BigTIFF, deflated tiles': { bigTiff: true, bigEndian: true, tile: 16, deflate: true },
} as const;

describe.each(Object.entries(stored))('the crop is the same as of 8 bits, stored %s:', (_title, how) => {
  test.each([
    ['unsigned, 12 bits', { bits: 12 }, (value: number) => Math.round((value * 4095) / 255)],
    ['unsigned, 16 bits', { bits: 16 }, (value: number) => value * 257],
    ['unsigned, 32 bits', { bits: 32 }, (value: number) => value * 0x01010101],
    ['unsigned, 64 bits', { bits: 64 }, (value: number) => (value / 255) * (2 ** 64 - 2048)],
    ['signed, 8 bits', { bits: 8, format: 2 }, (value: number) => value - 128],
    ['signed, 16 bits', { bits: 16, format: 2 }, (value: number) => value * 257 - 32_768],
    ['signed, 32 bits', { bits: 32, format: 2 }, (value: number) => value * 0x01010101 - 2 ** 31],
    ['floating point, 32 bits', { bits: 32, format: 3 }, (value: number) => value / 255],
    ['floating point, 64 bits', { bits: 64, format: 3 }, (value: number) => value / 255],
  ] as const)('%s', async (_kind, depth, toSample) => {
    for (const photometric of [GREY, RGB]) {
      expect(await differenceFromTwin({ ...how, ...depth, photometric }, toSample)).toBeLessThanOrEqual(0.5);
    }
  });
});

test.each([
  ['floating point from 0 to 255', { bits: 32, format: 3 }, (value: number) => value],
  ['floating point from -3 to 7, stretched', { bits: 32, format: 3 }, (value: number) => (value / 255) * 10 - 3],
  ['floating point of tiny numbers, stretched', { bits: 64, format: 3 }, (value: number) => value * 1e-9],
  ['32 bits from 0 to 255', { bits: 32 }, (value: number) => value],
  ['32 bits from 0 to 65,535', { bits: 32 }, (value: number) => value * 257],
  ['32 bits from 1,000 to 5,080, stretched', { bits: 32 }, (value: number) => value * 16 + 1000],
  ['signed 16 bits from 0 to 255', { bits: 16, format: 2 }, (value: number) => value],
  ['signed 16 bits from -255 to 0, stretched', { bits: 16, format: 2 }, (value: number) => value - 255],
] as const)('%s becomes 0 to 255', async (_title, depth, toSample) => {
  expect(await differenceFromTwin({ ...depth, photometric: GREY }, toSample)).toBeLessThanOrEqual(0.1);
});

test('infinities and what is not a number do not count for the range', async () => {
  const bytes = writeTiff({ ...SIZE, bits: 32, format: 3, samples: 1, photometric: GREY }, (x, y) => {
    if (y === 0) return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][x % 3] ?? 0;
    return level(x, y, 1) * 1000;
  });
  const pixels = await crop(bytes);
  const at = (y: number): number => pixels[(y * 224 + 100) * 3] ?? 0;

  // The vertical gradient of the drawing, and no flat grey.
  expect(at(223) - at(40)).toBeGreaterThan(180);
});

test('a picture of one level is grey, not an error', async () => {
  const bytes = writeTiff({ ...SIZE, bits: 32, format: 3, samples: 1, photometric: GREY }, () => -5);

  expect((await crop(bytes))[0]).toBe(128);
});

test('white is zero', async () => {
  for (const [bits, most] of [
    [12, 4095],
    [32, 0xffffffff],
  ] as const) {
    const inverse = (value: number): number => Math.round(most * (1 - value / 255));
    expect(await differenceFromTwin({ bits, photometric: WHITE_IS_ZERO }, inverse)).toBeLessThanOrEqual(0.5);
  }
});

describe('extra samples', () => {
  const withExtra =
    (extra: number, isAssociated = false) =>
    (x: number, y: number, sample: number): number => {
      if (sample === 3) return extra;
      return isAssociated ? Math.round((level(x, y, sample) * extra) / 255) : level(x, y, sample);
    };

  test.each([{}, { tile: 16 }, { planar: true }, { planar: true, tile: 16 }])(
    'of no stated meaning are no transparency: %j',
    async (how) => {
      const options = { ...SIZE, bits: 8, samples: 4, photometric: RGB, extras: [UNSPECIFIED], ...how };
      expect(meanDifference(await crop(writeTiff(options, withExtra(0))), await crop(await twin(3)))).toBe(0);
    },
  );

  test('several, of which the second is transparency', async () => {
    const options = { ...SIZE, bits: 8, samples: 5, photometric: RGB, extras: [UNSPECIFIED, UNASSOCIATED] };
    const bytes = writeTiff(options, (x, y, sample) => (sample >= 3 ? (sample - 3) * 255 : level(x, y, sample)));
    const invisible = writeTiff(options, (x, y, sample) => (sample >= 3 ? (4 - sample) * 255 : level(x, y, sample)));

    expect(meanDifference(await crop(bytes), await crop(await twin(3)))).toBe(0);
    expect(new Set(await crop(invisible))).toEqual(new Set([255]));
  });

  test('transparency is laid on white, associated or not', async () => {
    const options = { ...SIZE, bits: 8, samples: 4, photometric: RGB };
    const apart = await crop(writeTiff({ ...options, extras: [UNASSOCIATED] }, withExtra(100)));
    const associated = await crop(writeTiff({ ...options, extras: [ASSOCIATED] }, withExtra(100, true)));

    // Rounding to the level that fits 100 of 255 costs up to 1.3 levels before it is laid on white.
    expect(meanDifference(associated, apart)).toBeLessThanOrEqual(1);
    const expected = (await crop(await twin(3))).map((value) => Math.round(255 - (100 / 255) * (255 - value)));
    expect(meanDifference(apart, expected)).toBeLessThanOrEqual(1);
  });
});

describe('colour kinds', () => {
  test.each([
    [1, 1],
    [2, 1],
    [2, 2],
    [4, 2],
  ])('YCbCr with colours subsampled %i x %i, without JPEG', async (across, down) => {
    // Grey, so that subsampling loses nothing.
    const blocksAcross = Math.ceil(SIZE.width / across);
    const blockBytes = across * down + 2;
    const flat = across * down === 1;
    const size = flat ? SIZE : { width: blocksAcross * blockBytes, height: Math.ceil(SIZE.height / down) };
    const packed = writeTiff(
      {
        ...size,
        bits: 8,
        samples: flat ? 3 : 1,
        photometric: YCBCR,
        tags: { 530: [across, down] },
        rowsPerStrip: size.height,
      },
      (x, y, sample) => {
        if (flat) return sample === 0 ? level(x, y, 1) : 128;
        const [place, block] = [x % blockBytes, Math.floor(x / blockBytes)];
        if (place >= across * down) return 128;
        const row = Math.min(SIZE.height - 1, y * down + Math.floor(place / across));
        return level(Math.min(SIZE.width - 1, block * across + (place % across)), row, 1);
      },
    );
    // The writer knows no subsampling. It wrote the blocks as grey, and the directory is corrected.
    if (!flat) patch(packed, { 256: SIZE.width, 257: SIZE.height, 277: 3, 278: SIZE.height });

    const grey = writeTiff({ ...SIZE, bits: 8, samples: 1, photometric: GREY }, (x, y) => level(x, y, 1));
    expect(meanDifference(await crop(packed), await crop(grey))).toBeLessThanOrEqual(0.01);
  });

  test('a palette of 16-bit colours, looked up by samples of 4 bits in tiles', async () => {
    const colours = Array.from({ length: 16 }, (_, index) => index * 17 * 257);
    const bytes = writeTiff(
      {
        ...SIZE,
        bits: 4,
        samples: 1,
        photometric: PALETTE,
        planar: true,
        tile: 16,
        tags: { 320: [...colours, ...colours, ...colours] },
      },
      (x, y) => level(x, y, 0) >> 4,
    );
    const grey = writeTiff({ ...SIZE, bits: 8, samples: 1, photometric: GREY }, (x, y) => (level(x, y, 0) >> 4) * 17);

    expect(meanDifference(await crop(bytes), await crop(grey))).toBeLessThanOrEqual(0.01);
  });

  test('CMYK of 8, 12 and 16 bits, with and without transparency', async () => {
    const inverse = (x: number, y: number, sample: number): number => (sample === 3 ? 0 : 255 - level(x, y, sample));
    for (const [bits, most] of [
      [8, 255],
      [12, 4095],
      [16, 65_535],
    ] as const) {
      const toSample = (value: number): number => Math.round((value * most) / 255);
      const options = { ...SIZE, bits, samples: 4, photometric: CMYK };
      const opaque = writeTiff(options, (x, y, sample) => toSample(inverse(x, y, sample)));
      const clear = writeTiff({ ...options, samples: 5, extras: [UNASSOCIATED] }, (x, y, sample) =>
        sample === 4 ? 0 : toSample(inverse(x, y, sample)),
      );

      expect(meanDifference(await crop(opaque), await crop(await twin(3)))).toBeLessThanOrEqual(0.5);
      expect(new Set(await crop(clear))).toEqual(new Set([255]));
    }
  });

  test('L*a*b* whose a and b are shifted by 128: white, mid grey and a red', async () => {
    const lab = [
      [255, 128, 128],
      [136, 128, 128],
      // sRGB 255 0 0 is L 54.29, a 80.81, b 69.89 for D50.
      [138, 209, 198],
    ];
    const colours = await Promise.all(
      lab.map(async (pixel) => {
        const bytes = writeTiff({ ...SIZE, bits: 8, samples: 3, photometric: ICC_LAB }, (_x, _y, s) => pixel[s] ?? 0);
        return [...(await crop(bytes)).subarray(0, 3)];
      }),
    );

    for (const [index, expected] of [
      [255, 255, 255],
      [127, 127, 127],
      [255, 0, 0],
    ].entries()) {
      for (const [channel, value] of expected.entries()) {
        expect(Math.abs((colours[index]?.[channel] ?? 0) - value)).toBeLessThanOrEqual(3);
      }
    }
  });

  test('an orientation and a profile are kept', async () => {
    const profile = (
      await sharp(await twin(3))
        .withIccProfile('p3')
        .png()
        .toBuffer()
        .then((png) => sharp(png).metadata())
    ).icc;
    const options = { ...SIZE, samples: 3, photometric: RGB, tags: { 274: [6] }, ...(profile && { profile }) };
    const eight = writeTiff({ ...options, bits: 8 }, level);
    const float = writeTiff({ ...options, bits: 32, format: 3 }, (x, y, sample) => level(x, y, sample) / 255);

    const decoded = await decodeImage(float, PREPROCESSING);
    expect([decoded.width, decoded.height]).toEqual([SIZE.height, SIZE.width]);
    expect(meanDifference(decoded.pixels, await crop(eight))).toBeLessThanOrEqual(0.01);
    expect(
      meanDifference(decoded.pixels, await crop(writeTiff({ ...SIZE, bits: 8, samples: 3, photometric: RGB }, level))),
    ).toBeGreaterThan(5);
  });
});
