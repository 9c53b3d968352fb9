import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type sharpType from 'sharp';
import type { Color } from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import {
  ImageTooLargeError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from '../../../classifier/errors.ts';
import { seeded } from '../../../models/sample/drawing/brush.ts';
import { PREPROCESSING } from '../preprocessing.ts';
import { torchvisionCrop } from '../torchvision-crop.ts';
import { crop, meanDifference } from './compare.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const FIXTURES = new URL('../../fixtures/preprocess/', import.meta.url);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const SIDE = 224;
/**
 * Largest mean difference, of 255. A cubic or Lanczos kernel gives five to fifteen times as much.
 */
const MAX_MEAN_DIFFERENCE = 0.6;
const MAX_DIFFERENCE = 4;

/** Width and height of a patch of colour, in pixels. */
const PATCH = 6;

/**
 * Draws a gradient: red rises from left to right, green from top to bottom. It shows every rotation
 * and mirroring, and a shift of one pixel.
 */
function gradient(width: number, height: number) {
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
function patches(width: number, height: number): Uint8Array {
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

function plain(background: Color, channels: 3 | 4 = 3) {
  return sharp({ create: { width: 40, height: 30, channels, background } });
}

describe("crops are the same as torchvision's", () => {
  test.each([
    'chelsea.jpg',
    'chelsea-large.jpg',
    'chelsea-alpha.png',
    'coffee.jpg',
    'coffee-gray.jpg',
    'coffee-palette.png',
    'rocket.jpg',
    'rocket-tall.webp',
  ])('%s: mean absolute difference at most 0.6 of 255, largest at most 4', async (name) => {
    const pixels = await crop(readFileSync(new URL(name, FIXTURES)));
    const expected = readFileSync(new URL(`${name}.crop.u8`, FIXTURES));

    expect(pixels).toHaveLength(SIDE * SIDE * 3);
    expect(meanDifference(pixels, expected)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(
      pixels.reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? 0))), 0),
    ).toBeLessThanOrEqual(MAX_DIFFERENCE);
  });
});

test('the original is described: width and height after EXIF orientation, format and bytes', async () => {
  const bytes = await gradient(90, 60).withMetadata({ orientation: 6 }).jpeg().toBuffer();

  const { width, height, format, bytes: size } = await decodeImage(bytes, PREPROCESSING);

  expect({ width, height, format, size }).toEqual({ width: 60, height: 90, format: 'jpeg', size: bytes.length });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is undone, on a picture that is not square',
  async (orientation) => {
    const upright = await gradient(320, 256).png().toBuffer();
    // sharp's autoOrient undoes an orientation. Each is its own inverse, except the quarter turns.
    const inverse = { 6: 8, 8: 6 }[orientation] ?? orientation;
    const stored = await sharp(await sharp(upright).withMetadata({ orientation: inverse }).png().toBuffer())
      .autoOrient()
      .withMetadata({ orientation })
      .png()
      .toBuffer();

    expect(meanDifference(await crop(stored), await crop(upright))).toBeLessThan(0.01);
  },
);

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s is decoded', async (format) => {
  const bytes = await gradient(300, 260)[format]({ quality: 95 }).toBuffer();

  const decoded = await decodeImage(bytes, PREPROCESSING);

  expect(decoded.format).toBe(format);
  expect(meanDifference(decoded.pixels, await crop(await gradient(300, 260).png().toBuffer()))).toBeLessThan(4);
});

test('the first frame of an animation is used', async () => {
  const frames = await Promise.all(['red', 'blue'].map((colour) => plain(colour).png().toBuffer()));
  for (const format of ['gif', 'webp'] as const) {
    const bytes = await sharp(frames, { join: { animated: true } })
      [format]({ lossless: true })
      .toBuffer();
    const decoded = await decodeImage(bytes, PREPROCESSING);
    expect([decoded.width, decoded.height, ...decoded.pixels.subarray(0, 3)]).toEqual([40, 30, 255, 0, 0]);
  }
});

test.each([
  ['transparent black is white', () => plain({ r: 0, g: 0, b: 0, alpha: 0 }, 4).png(), [255, 255, 255]],
  ['half-transparent black is grey', () => plain({ r: 0, g: 0, b: 0, alpha: 0.5 }, 4).png(), [127, 127, 127]],
  ['one grey channel becomes three', () => plain({ r: 90, g: 90, b: 90 }).toColourspace('b-w').png(), [90, 90, 90]],
  ['16 bits become 8', () => plain({ r: 200, g: 10, b: 90 }).toColourspace('rgb16').png(), [200, 10, 90]],
  ['a palette becomes RGB', () => plain({ r: 200, g: 10, b: 90 }).png({ palette: true }), [200, 10, 90]],
  ['CMYK becomes sRGB', () => plain({ r: 255, g: 255, b: 255 }).toColourspace('cmyk').jpeg(), [255, 255, 255]],
])('%s', async (_title, draw, expected) => {
  const pixels = await crop(await draw().toBuffer());

  for (const [channel, value] of expected.entries())
    expect(Math.abs((pixels[channel] ?? 0) - value)).toBeLessThanOrEqual(1);
});

test('an embedded profile is converted to sRGB, not ignored', async () => {
  const srgb = plain({ r: 40, g: 200, b: 60 });
  const wide = await sharp(await srgb.clone().png().toBuffer())
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { data } = await sharp(wide, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });

  const pixels = await crop(wide);

  expect(Math.abs((data[0] ?? 0) - 40)).toBeGreaterThan(10);
  expect(Math.abs((pixels[0] ?? 0) - 40)).toBeLessThanOrEqual(3);
});

/**
 * Compared with torchvision on pixels that no codec has changed; the title says what each size is
 * for.
 */
describe('generated images of any size are cropped as in torchvision', () => {
  test.each([
    [257, 256, 'nothing is resized, and the offset 16.5 is rounded to the even 16'],
    [259, 256, 'the offset 17.5 is rounded to the even 18'],
    [1000, 333, 'the long side is cut to 768, not rounded to 769'],
    [300, 451, 'a small reduction'],
    [1026, 1024, 'a reduction by just four'],
    [1025, 1023, 'a reduction by four of the long side alone'],
    [1400, 1290, 'a reduction by five'],
    [1800, 2200, 'a reduction by seven, tall'],
    [224, 200, 'a small enlargement'],
    [40, 30, 'a large one'],
    [7, 5, 'a very large one'],
    [300, 2700, 'a strip that is reduced'],
    [2900, 290, 'a strip, wide'],
    [9, 1500, 'a strip that is enlarged'],
    [1, 3000, 'a line'],
  ])('%i x %i: %s', async (width, height) => {
    const data = patches(width, height);
    const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();

    expect(meanDifference(await crop(bytes), torchvisionCrop({ data, width, height }))).toBeLessThanOrEqual(
      MAX_MEAN_DIFFERENCE,
    );
  });

  test.each(['coffee-palette.png', 'chelsea-alpha.png', 'chelsea-large.jpg'])(
    'the reference is torchvision: %s to 0.01 of 255',
    async (name) => {
      const { data, info } = await sharp(readFileSync(new URL(name, FIXTURES)))
        .flatten({ background: 'white' })
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });

      const expected = readFileSync(new URL(`${name}.crop.u8`, FIXTURES));
      expect(meanDifference(torchvisionCrop({ data, ...info }), expected)).toBeLessThan(0.01);
    },
  );
});

test.each([
  [1, 1],
  [1, 1_000_000],
  [1_000_000, 1],
  [300, 60_000],
])('%i x %i pixels are decoded without enlarging the whole strip', async (width, height) => {
  const bytes = await sharp({ create: { width, height, channels: 3, background: 'navy' } })
    .png()
    .toBuffer();

  expect([...(await crop(bytes)).subarray(-3)]).toEqual([0, 0, 128]);
});

test.each([
  ['behind the end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64, 7)])],
  // libjpeg warns about "extraneous bytes before marker"; with failOn: 'warning' that would be an
  // error.
  [
    'between two segments',
    (bytes: Buffer) => {
      const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
      return Buffer.concat([bytes.subarray(0, frame), Buffer.alloc(5, 7), bytes.subarray(frame)]);
    },
  ],
])('odd bytes %s of a complete JPEG, as cameras write them, are accepted', async (_place, change) => {
  const bytes = await gradient(300, 260).jpeg().toBuffer();

  expect(meanDifference(await crop(change(bytes)), await crop(bytes))).toBe(0);
});

describe('what cannot be decoded', () => {
  const decode = (bytes: Uint8Array, limits = {}) => decodeImage(bytes, PREPROCESSING, limits);

  test('an image at exactly the byte limit is accepted, one byte more is not', async () => {
    const bytes = await gradient(40, 30).png().toBuffer();

    await expect(decode(bytes, { maxBytes: bytes.length })).resolves.toBeDefined();
    await expect(decode(bytes, { maxBytes: bytes.length - 1 })).rejects.toThrow(ImageTooLargeError);
  });

  test('an image at exactly the pixel limit is accepted, one pixel more is not', async () => {
    const bytes = await gradient(40, 30).png().toBuffer();

    await expect(decode(bytes, { maxPixels: 1200 })).resolves.toBeDefined();
    await expect(decode(bytes, { maxPixels: 1199 })).rejects.toThrow(TooManyPixelsError);
  });

  test('an image whose header gives more pixels than the limit is rejected before decoding', async () => {
    const bytes = Buffer.from(await gradient(40, 30).png().toBuffer());
    bytes.writeUInt32BE(100_001, 16);
    bytes.writeUInt32BE(1_000, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);

    await expect(decode(bytes)).rejects.toThrow(TooManyPixelsError);
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    '%s is truncated wherever it is cut, below what is used of a tall picture too',
    async (format) => {
      const pixels = patches(150, 600);
      const bytes = await sharp(pixels, { raw: { width: 150, height: 600, channels: 3 } })
        [format]()
        .toBuffer();

      for (const share of [0.02, 0.5, 0.8, 0.9, 0.99]) {
        await expect(decode(bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toThrow(TruncatedImageError);
      }
    },
  );

  test('a JPEG that lacks only its end marker counts as incomplete', async () => {
    const bytes = await gradient(300, 260).jpeg().toBuffer();

    await expect(decode(bytes.subarray(0, -2))).rejects.toThrow(TruncatedImageError);
  });

  test("the error repeats only the first line of libvips' message", async () => {
    const bytes = await gradient(300, 260).avif().toBuffer();

    await expect(decode(bytes.subarray(0, 400))).rejects.toThrow(
      /^the avif image is incomplete or damaged \([^\n]*\)\. Try again with a complete copy of the file\.$/,
    );
  });

  test.each([
    [5, 2, '5 channels (srgb)'],
    [4, 1, '4 channels (b-w)'],
    [1, 2, '1 channels (multiband)'],
    [40, 1, '40 channels (b-w)'],
  ])(
    'a TIFF of %i channels, photometric interpretation %i, is a kind that is not decoded',
    async (channels, photometric, found) => {
      const refusal = decode(plainTiff(channels, photometric));

      await expect(refusal).rejects.toThrow(UnsupportedFormatError);
      await expect(refusal).rejects.toThrow(found);
    },
  );

  test.each([
    ['text', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100)],
    ['an HTML page', Buffer.from('<!doctype html><html></html>')],
  ])('%s is not an image', async (_title, bytes) => {
    await expect(decode(bytes)).rejects.toThrow(NotAnImageError);
  });

  test('a file that is rejected by its leading bytes never reaches sharp', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');

    await expect(sharp(svg).metadata()).resolves.toMatchObject({ format: 'svg' });
    await expect(decode(svg)).rejects.toThrow(UnsupportedFormatError);
  });

  test("a file with one format's leading bytes and another format's content is an error that names both", async () => {
    const bytes = Buffer.concat([Buffer.from('\0\0\0\x18ftypavif\0\0\0\0avifmif1', 'latin1'), Buffer.alloc(40)]);

    await expect(decode(bytes)).rejects.toThrow(TruncatedImageError);
  });
});

test('importing the library does not change sharp; blockOtherLoaders restricts it to six formats', () => {
  const program = `
    import { createRequire } from 'node:module';
    import { blockOtherLoaders } from './classifier/index.ts';
    const sharp = createRequire(process.cwd() + '/')('sharp');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const renders = () => sharp(svg).png().toBuffer().then(() => 'renders', () => 'refuses');
    console.log(await renders());
    blockOtherLoaders();
    console.log(await renders());
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif']) {
      const bytes = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })[format]().toBuffer();
      console.log((await sharp(bytes).metadata()).width);
    }`;

  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: ROOT,
  });

  expect(output.toString().trim().split('\n')).toEqual(['renders', 'refuses', ...Array(6).fill('9')]);
});

/** Writes an uncompressed TIFF of 8 x 8 pixels with 8 bits per channel. */
function plainTiff(channels: number, photometric: number): Buffer {
  const side = 8;
  const [shortType, longType] = [3, 4];
  const fields = 8;
  const bitsAt = 8 + 2 + fields * 12 + 4;
  const dataAt = bitsAt + channels * 2;
  const dataLength = side * side * channels;
  const bytes = Buffer.alloc(dataAt + dataLength, 128);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(fields, 8);
  const entries = [
    [256, longType, 1, side],
    [257, longType, 1, side],
    [258, shortType, channels, channels > 2 ? bitsAt : 0x00080008],
    [259, longType, 1, 1],
    [262, longType, 1, photometric],
    [273, longType, 1, dataAt],
    [277, longType, 1, channels],
    [279, longType, 1, dataLength],
  ] as const;
  for (const [place, [tag, type, count, value]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 10 + place * 12);
    bytes.writeUInt16LE(type, 12 + place * 12);
    bytes.writeUInt32LE(count, 14 + place * 12);
    bytes.writeUInt32LE(value, 18 + place * 12);
  }
  bytes.writeUInt32LE(0, 10 + fields * 12);
  for (let channel = 0; channel < channels; channel += 1) bytes.writeUInt16LE(8, bitsAt + channel * 2);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
