import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type sharpType from 'sharp';
import type { Color } from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { PREPROCESSING } from '../preprocessing.ts';
import { torchvisionCrop } from '../torchvision-crop.ts';
import { crop, meanDifference } from './compare.ts';
import { gradient, patches } from './drawn.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const FIXTURES = new URL('../../fixtures/preprocess/', import.meta.url);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const SIDE = 224;
/**
 * Largest mean difference, of 255. A cubic or Lanczos kernel gives five to fifteen times as much.
 */
const MAX_MEAN_DIFFERENCE = 0.6;
const MAX_DIFFERENCE = 4;

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
