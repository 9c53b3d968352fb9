import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type sharpType from 'sharp';
import type { Color } from 'sharp';
import { decodeImage } from '../../../functions/classifier/decode.ts';
import {
  ImageTooLargeError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from '../../../functions/errors.ts';
import { PREPROCESSING } from './preprocessing.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const FIXTURES = new URL('../../fixtures/preprocess/', import.meta.url);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const SIDE = 224;
/** Of 255. A cubic or Lanczos kernel gives five to fifteen times the first. */
const MAX_MEAN_DIFFERENCE = 0.6;
const MAX_DIFFERENCE = 4;

/** Left to right red, top to bottom green: every turn and mirroring shows, and so does a shift of one pixel. */
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

function plain(background: Color, channels: 3 | 4 = 3) {
  return sharp({ create: { width: 40, height: 30, channels, background } });
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? Number.NaN)), 0) / a.length;
}

async function crop(bytes: Uint8Array): Promise<Uint8Array> {
  return (await decodeImage(bytes, PREPROCESSING)).pixels;
}

describe('crops are those of torchvision', () => {
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

test('the original is described as it is shown: width and height after EXIF orientation, format, bytes', async () => {
  const bytes = await gradient(90, 60).withMetadata({ orientation: 6 }).jpeg().toBuffer();

  const { width, height, format, bytes: size } = await decodeImage(bytes, PREPROCESSING);

  expect({ width, height, format, size }).toEqual({ width: 60, height: 90, format: 'jpeg', size: bytes.length });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is undone, on a picture that is not square',
  async (orientation) => {
    const upright = await gradient(320, 256).png().toBuffer();
    // sharp's autoOrient undoes an orientation; the inverse of each is itself, but for the quarter turns.
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

test('of an animation the first frame counts', async () => {
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

test.each([
  [1, 1],
  [1, 50_000],
  [60_000, 3],
  [257, 3_000],
])('%i x %i pixels are decoded without making the whole strip large', async (width, height) => {
  const bytes = await sharp({ create: { width, height, channels: 3, background: 'navy' } })
    .png()
    .toBuffer();

  expect([...(await crop(bytes)).subarray(-3)]).toEqual([0, 0, 128]);
});

test('the middle of a long strip is the middle of the whole strip resized', async () => {
  const bytes = await gradient(2700, 270).png().toBuffer();
  const whole = await sharp(bytes).resize(2560, 256, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  const expected = await sharp(whole, { raw: { width: 2560, height: 256, channels: 3 } })
    .extract({ left: 1168, top: 16, width: SIDE, height: SIDE })
    .raw()
    .toBuffer();

  expect(meanDifference(await crop(bytes), expected)).toBeLessThan(0.3);
});

test('odd bytes behind a complete JPEG, as phones write them, do no harm', async () => {
  const bytes = await gradient(300, 260).jpeg().toBuffer();

  expect(await crop(Buffer.concat([bytes, Buffer.alloc(64, 7)]))).toEqual(await crop(bytes));
});

describe('what cannot be decoded', () => {
  const decode = (bytes: Uint8Array, limits = {}) => decodeImage(bytes, PREPROCESSING, limits);

  test('exactly the byte limit passes, one byte more does not', async () => {
    const bytes = await gradient(40, 30).png().toBuffer();

    await expect(decode(bytes, { maxBytes: bytes.length })).resolves.toBeDefined();
    await expect(decode(bytes, { maxBytes: bytes.length - 1 })).rejects.toThrow(ImageTooLargeError);
  });

  test('exactly the pixel limit passes, one pixel more does not', async () => {
    const bytes = await gradient(40, 30).png().toBuffer();

    await expect(decode(bytes, { maxPixels: 1200 })).resolves.toBeDefined();
    await expect(decode(bytes, { maxPixels: 1199 })).rejects.toThrow(TooManyPixelsError);
  });

  test('a header that claims more pixels than the limit is believed, and nothing is decoded', async () => {
    const bytes = Buffer.from(await gradient(40, 30).png().toBuffer());
    bytes.writeUInt32BE(100_001, 16);
    bytes.writeUInt32BE(1_000, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);

    await expect(decode(bytes)).rejects.toThrow(TooManyPixelsError);
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    '%s cut in the middle is truncated',
    async (format) => {
      const bytes = await gradient(300, 260)[format]().toBuffer();

      await expect(decode(bytes.subarray(0, Math.floor(bytes.length / 2)))).rejects.toThrow(TruncatedImageError);
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

  test.each([
    ['SVG', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['PDF', Buffer.from('%PDF-1.7 ...')],
    ['BMP', Buffer.from('BM......')],
    ['HEIC or HEIF', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['JPEG XL', Buffer.from('\xff\x0a....', 'latin1')],
    ['a video', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0mp42avc1', 'latin1')],
  ])('%s is named as what it is', async (name, bytes) => {
    const refusal = decode(bytes);

    await expect(refusal).rejects.toThrow(UnsupportedFormatError);
    await expect(refusal).rejects.toThrow(name);
  });
});

test('importing the library leaves sharp as it is; blockOtherLoaders leaves it the six formats', () => {
  const program = `
    import { createRequire } from 'node:module';
    import { blockOtherLoaders } from './functions/classifier/index.ts';
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

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
