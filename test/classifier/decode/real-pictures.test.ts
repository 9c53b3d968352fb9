import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { TruncatedImageError, UnsupportedFormatError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';
import { crop, fixture, meanDifference } from './compare.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

describe('a picture that sharp alone shows wrongly has the crop of its plain twin', () => {
  test.each([
    ['png16-rgb-srgb.png', 'png8-rgb-srgb.png', 0.01],
    // The 16-bit picture has levels between those of the other one.
    ['gray16.png', 'gray8.png', 1],
    ['cmyk-noicc.jpg', 'base.png', 0.2],
    ['ycck.jpg', '../avif/colour.png', 1],
    ['tiff-rgb-extra0-unspecified.tif', 'base.png', 0.01],
    // Pillow rounded Y, Cb and Cr down.
    ['tiff-ycbcr-pillow.tif', 'base.png', 1.2],
    ['tiff-lzw-float-predictor.tif', 'base.png', 0.01],
    ['tiff-packbits-10bit.tif', 'base.png', 0.2],
    ['tiff-lab.tif', 'base.png', 2],
    ['jpeg-lossless.jpg', 'base.png', 0.01],
    // Lossy JPEGs.
    ['jpeg-arithmetic.jpg', 'base.png', 3],
    ['jfif-odd-revision.jpg', 'base.png', 3],
  ])('%s as %s, to %d of 255 on average', async (name, twin, tolerance) => {
    expect(meanDifference(await crop(fixture(name)), await crop(fixture(twin)))).toBeLessThanOrEqual(tolerance);
  });
});

test.each(['tiff-uint32-grey.tif', 'tiff-12bit-grey.tif', 'tiff-signed16-lzw.tif'])(
  '%s has the crop of the grey picture that it was made of, to 0.5 of 255',
  async (name) => {
    expect(meanDifference(await crop(fixture(name)), await crop(await greyTwin()))).toBeLessThanOrEqual(0.5);
  },
);

test('gray-float-0to1.tif: 0 is black and 1 is white, not the darkest and the brightest sample', async () => {
  const levels = [...new Set(await crop(fixture('gray-float-0to1.tif')))].sort((a, b) => a - b);

  // The darkest sample, 0.4039, is 103 of 255. The brightest, 0.6275, lies outside the crop.
  expect([levels[0], levels.at(-1)]).toEqual([103, 152]);
  expect(levels).toHaveLength(50);
});

test.each([
  ['tiff-zstd.tif', /compressed with Zstandard.*Convert it to a TIFF with LZW/],
  ['tiff-lzma.tif', /compressed with LZMA/],
  ['jpeg-12bit.jpg', /coded with 12 bits.*Convert it to a JPEG of 8 bits/],
  ['jpeg-ls.jpg', /JPEG-LS/],
])('%s is sound, but of a kind that is refused by name', async (name, message) => {
  const refusal = decodeImage(fixture(name), PREPROCESSING);

  await expect(refusal).rejects.toThrow(UnsupportedFormatError);
  await expect(refusal).rejects.toThrow(message);
});

test.each([
  ['tiled-none-halfcut.tif', /tile 4/],
  ['jfif-odd-revision-cut.jpg', /\(premature end of JPEG image\)/],
])('%s is cut, and the error says how', async (name, message) => {
  const refusal = decodeImage(fixture(name), PREPROCESSING);

  await expect(refusal).rejects.toThrow(TruncatedImageError);
  await expect(refusal).rejects.toThrow(message);
});

test('webp-first-frame-small.webp: the red frame in the middle, white around it, not the red canvas', async () => {
  const pixels = await crop(fixture('webp-first-frame-small.webp'));
  const at = (x: number, y: number) => [...pixels.subarray((y * 224 + x) * 3, (y * 224 + x) * 3 + 3)];

  expect([at(2, 2), at(221, 2), at(2, 221), at(221, 221)]).toEqual(Array(4).fill([255, 255, 255]));
  expect(at(112, 60)).toEqual([255, 0, 0]);
});

test('gif-first-frame-small.gif: the red frame in the middle, white around it', async () => {
  const pixels = await crop(fixture('gif-first-frame-small.gif'));
  const at = (x: number, y: number) => [...pixels.subarray((y * 224 + x) * 3, (y * 224 + x) * 3 + 3)];

  expect([at(2, 2), at(221, 2), at(2, 221), at(221, 221)]).toEqual(Array(4).fill([255, 255, 255]));
  expect(pixels.some((_value, index) => index % 3 === 1 && pixels[index] === 0)).toBe(true);
});

/** base.png in grey, by Pillow's whole-number weights. */
async function greyTwin(): Promise<Buffer> {
  const { data, info } = await sharp(fixture('base.png')).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const grey = Uint8Array.from({ length: info.width * info.height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(at * 3);
    return (red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16;
  });
  return sharp(grey, { raw: { width: info.width, height: info.height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
