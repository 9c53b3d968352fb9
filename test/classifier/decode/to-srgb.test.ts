import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { crop, fixture, meanDifference } from './compare.ts';
import { writeTiff } from './tiff/write-tiff.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const SIZE = { width: 64, height: 48 } as const;
const [GREY, RGB, CMYK] = [1, 2, 5];

/** A drawing of saturated colours and gradients, 0 to 255. */
function level(x: number, y: number, channel: number): number {
  return Math.min(255, [x * 4, y * 5, 255 - x * 3, 40][channel] ?? 0);
}

async function profileOf(name: 'p3' | 'cmyk'): Promise<Buffer> {
  const plain = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } });
  const tagged = await plain.withIccProfile(name).tiff().toBuffer();
  const { icc } = await sharp(tagged).metadata();
  if (!icc) throw new Error(`sharp wrote no ${name} profile`);
  return icc;
}

/** A profile for grey, from a picture that has one. */
async function greyProfile(): Promise<Buffer> {
  const { icc } = await sharp(fixture('gray8.png')).metadata();
  if (!icc) throw new Error('gray8.png has no profile');
  return icc;
}

describe('16 bits with a profile have the crop of 8 bits with it', () => {
  test.each([
    ['RGB', RGB, 3, () => profileOf('p3')],
    ['grey', GREY, 1, greyProfile],
  ] as const)('%s', async (_kind, photometric, samples, profile) => {
    const options = { ...SIZE, samples, photometric, profile: await profile() };
    const eight = await crop(writeTiff({ ...options, bits: 8 }, level));
    const sixteen = await crop(writeTiff({ ...options, bits: 16 }, (x, y, s) => level(x, y, s) * 257));
    const without = await crop(writeTiff({ ...SIZE, samples, photometric, bits: 8 }, level));

    expect(meanDifference(sixteen, eight)).toBeLessThanOrEqual(0.01);
    expect(meanDifference(sixteen, without)).toBeGreaterThan(1);
  });

  test('with transparency', async () => {
    const options = { ...SIZE, samples: 4, photometric: RGB, extras: [2], profile: await profileOf('p3') };
    const eight = await crop(writeTiff({ ...options, bits: 8 }, level));
    const sixteen = await crop(writeTiff({ ...options, bits: 16 }, (x, y, s) => level(x, y, s) * 257));

    expect(meanDifference(sixteen, eight)).toBeLessThanOrEqual(0.01);
  });

  test('a profile of another kind of colours is ignored', async () => {
    const options = { ...SIZE, bits: 16, samples: 3, photometric: RGB };
    const wrong = await crop(
      writeTiff({ ...options, profile: await greyProfile() }, (x, y, s) => level(x, y, s) * 257),
    );
    const without = await crop(writeTiff(options, (x, y, s) => level(x, y, s) * 257));

    expect(meanDifference(wrong, without)).toBeLessThanOrEqual(0.5);
  });
});

describe('CMYK', () => {
  /** R = (255 - C) (255 - K) / 255, as a PNG. */
  async function naive(): Promise<Uint8Array> {
    const data = new Uint8Array(SIZE.width * SIZE.height * 3);
    for (let at = 0; at < data.length; at += 1) {
      const pixel = Math.floor(at / 3);
      const [x, y] = [pixel % SIZE.width, Math.floor(pixel / SIZE.width)];
      data[at] = Math.round(((255 - level(x, y, at % 3)) * (255 - level(x, y, 3))) / 255);
    }
    return crop(
      await sharp(data, { raw: { ...SIZE, channels: 3 } })
        .png()
        .toBuffer(),
    );
  }

  test.each([
    ['without a profile', undefined],
    ['with a profile for RGB, which is ignored', 'p3'],
  ] as const)('%s is converted as other programs do', async (_title, profile) => {
    const options = { ...SIZE, bits: 8, samples: 4, photometric: CMYK };
    const bytes = writeTiff({ ...options, ...(profile && { profile: await profileOf(profile) }) }, level);

    expect(meanDifference(await crop(bytes), await naive())).toBeLessThanOrEqual(0.1);
  });

  test('with a profile of its own is converted by that', async () => {
    const options = { ...SIZE, bits: 8, samples: 4, photometric: CMYK, profile: await profileOf('cmyk') };
    const bytes = writeTiff(options, level);
    // sharp without this room converts by the embedded profile, too.
    const png = await sharp(bytes).toColourspace('srgb').png().toBuffer();

    expect(meanDifference(await crop(bytes), await crop(png))).toBeLessThanOrEqual(0.5);
    expect(meanDifference(await crop(bytes), await naive())).toBeGreaterThan(3);
  });

  test('a JPEG without an Adobe marker is read as inverted, like one with it', async () => {
    const jpeg = fixture('cmyk-noicc.jpg');
    const adobe = jpeg.indexOf(Buffer.from([0xff, 0xee]));
    const without = Buffer.concat([jpeg.subarray(0, adobe), jpeg.subarray(adobe + 2 + jpeg.readUInt16BE(adobe + 2))]);

    expect(meanDifference(await crop(without), await crop(jpeg))).toBeLessThanOrEqual(0.01);
  });
});
