import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { TooManyPixelsError, TruncatedImageError, UnsupportedFormatError } from '../../../../classifier/errors.ts';
import { repeatedTiff } from '../../../hostile/pictures/repeated-tiff.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { crop, meanDifference } from '../compare.ts';
import { CMYK, GREY, level, RGB, SIZE, twin } from './drawn-tiff.ts';
import { entryAt, firstValueAt, patch, patchCount } from './patch-tiff.ts';
import { type TiffOptions, writeTiff } from './write-tiff.ts';

const options = { ...SIZE, bits: 8, samples: 3, photometric: RGB } as const;
const draw = (more: Partial<TiffOptions> = {}, patches: Record<number, number> = {}): Buffer => {
  const bytes = writeTiff({ ...options, ...more }, level);
  patch(bytes, patches);
  return bytes;
};

test.each([
  ['old-style JPEG', draw({}, { 259: 6 }), 'compressed with old-style JPEG'],
  ['JPEG XL', draw({ tile: 16 }, { 259: 50_002 }), 'compressed with JPEG XL'],
  ['an unknown compression', draw({}, { 259: 12_345 }), 'compressed with method 12345'],
  ['24 bits', draw({ bits: 24 }), 'of whole numbers of 24 bits'],
  ['floating point of 24 bits', draw({ bits: 24, format: 3 }), 'floating-point numbers of 24 bits'],
  ['raw sensor data', draw({}, { 262: 32_803 }), 'raw sensor data (DNG)'],
  ['a mask', draw({ samples: 1 }, { 262: 4 }), 'a transparency mask'],
  ['other inks', draw({ photometric: CMYK, bits: 12, samples: 4, tags: { 332: [2] } }), 'inks other than CMYK'],
  ['a strange predictor', draw({ bits: 32, tags: { 317: [9] } }), 'predictor 9'],
  ['WebP of an odd depth', draw({ bits: 12 }, { 259: 50_001 }), 'compressed with method 50001'],
])('%s, by name', async (_title, bytes, message) => {
  const refusal = decodeImage(bytes, PREPROCESSING);

  await expect(refusal).rejects.toThrow(UnsupportedFormatError);
  await expect(refusal).rejects.toThrow(message);
});

test('more pixels than three tenths of what is allowed, where each sample is converted', async () => {
  const pixels = SIZE.width * SIZE.height;
  const float = draw({ bits: 32, format: 3, samples: 1, photometric: GREY });

  await expect(decodeImage(float, PREPROCESSING, { maxPixels: Math.ceil(pixels / 0.3) })).resolves.toBeDefined();
  await expect(decodeImage(float, PREPROCESSING, { maxPixels: Math.floor(pixels / 0.3) - 2 })).rejects.toThrow(
    TooManyPixelsError,
  );
});

test('more sample bytes than four for each pixel that is allowed', async () => {
  const maxPixels = Math.ceil((SIZE.width * SIZE.height) / 0.3);
  const long = { bits: 64, format: 3, photometric: GREY } as const;

  await expect(decodeImage(draw({ ...long, samples: 1 }), PREPROCESSING, { maxPixels })).resolves.toBeDefined();
  await expect(decodeImage(draw({ ...long, samples: 2 }), PREPROCESSING, { maxPixels })).rejects.toThrow(
    'bytes in all',
  );
});

test('more work than a file of its size should make', async () => {
  const small = { width: 1, height: 1, bits: 8, samples: 1, photometric: GREY } as const;
  const planes = repeatedTiff({ ...small, samples: 101, photometric: RGB, planar: true });
  const tiles = repeatedTiff({ ...small, width: 600, height: 501, bits: 32, tile: 1 });

  await expect(decodeImage(planes, PREPROCESSING)).rejects.toThrow('of 101 samples a pixel');
  await expect(decodeImage(tiles, PREPROCESSING)).rejects.toThrow('in 300600 strips or tiles');
});

const kinds = {
  tiles: { tile: 16 },
  'deflated tiles': { tile: 16, deflate: true },
  'tiles of floating point': { tile: 16, bits: 32, format: 3, deflate: true },
  'strips of 12 bits': { bits: 12 },
  'planes of tiles': { tile: 16, planar: true, deflate: true },
} as const;

test.each(Object.entries(kinds))('%s that are cut, whatever the place', async (_title, how) => {
  const bytes = draw({ ...how, tags: {} });
  // The directory is in front, so only samples are missing.
  for (const share of [0.4, 0.7, 0.99]) {
    await expect(decodeImage(bytes.subarray(0, bytes.length * share), PREPROCESSING)).rejects.toThrow(
      TruncatedImageError,
    );
  }
});

test.each([
  [
    'a damaged tile',
    () => {
      const bytes = draw({ tile: 16, deflate: true });
      return bytes.fill(0xff, firstValueAt(bytes, 324) + 2, firstValueAt(bytes, 324) + 40);
    },
  ],
  [
    'a damaged tile of floating point',
    () => {
      const bytes = draw({ tile: 16, deflate: true, bits: 32, format: 3 });
      return bytes.fill(0xff, firstValueAt(bytes, 324) + 2, firstValueAt(bytes, 324) + 40);
    },
  ],
  [
    'a tile of no bytes',
    () => {
      const bytes = draw({ tile: 16, deflate: true });
      bytes.writeUInt32LE(0, bytes.readUInt32LE(entryAt(bytes, 325) + 8));
      return bytes;
    },
  ],
  [
    'a list of tiles that is too short',
    () => {
      const bytes = draw({ tile: 16, bits: 12 });
      patchCount(bytes, 325, 2);
      return bytes;
    },
  ],
])('%s', async (_title, make) => {
  await expect(decodeImage(make(), PREPROCESSING)).rejects.toThrow(TruncatedImageError);
});

test('odd tags in a sound tiled file are no damage', async () => {
  // An unknown tag, one of the wrong type, and a resolution of 0 / 0.
  const bytes = draw({ tile: 16, tags: { 65000: [1, 2, 3], 296: [77], 282: [0, 0] } });

  expect(meanDifference(await crop(bytes), await crop(await twin(3)))).toBe(0);
});
