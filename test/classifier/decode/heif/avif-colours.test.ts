import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { crop, meanDifference } from '../compare.ts';
import { fullBox, icc, nclx, takeItems, type WrittenItem, writeHeif } from './heif-writer.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Largest mean difference from the picture that was coded, of 255: what coding in AV1 costs. */
const MAX_MEAN_DIFFERENCE = 1;

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures/avif/${name}`, import.meta.url));
}

async function difference(file: Uint8Array, twin: string): Promise<number> {
  return meanDifference(await crop(file), await crop(fixture(twin)));
}

describe.each([8, 10, 12])('a picture of %i bits is its 8-bit twin, to 1 of 255 on average', (bits) => {
  test.each([
    ['with a profile of Display P3', 'p3', 'p3.png'],
    ['with a profile of grey', 'grey-profile', 'grey-profile.png'],
    ['in Display P3 by code numbers', 'p3-nclx', 'p3.png'],
  ])('%s', async (_title, name, twin) => {
    expect(await difference(fixture(`${name}-${bits}.avif`), twin)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });
});

test('the twins differ from the same numbers without a profile by far more', async () => {
  expect(await difference(fixture('p3.png'), 'colour.png')).toBeGreaterThan(10);
  expect(await difference(fixture('grey-profile.png'), 'grey.png')).toBeGreaterThan(10);
});

/** Takes the colour boxes from a file, and puts others in their place. */
function withColours(name: string, ...boxes: readonly Buffer[]): Buffer {
  const [item] = takeItems(fixture(name)) as [WrittenItem];
  const others = item.properties.filter((property) => !Buffer.from(property).includes('colr'));
  return writeHeif({
    brands: ['avif', 'mif1'],
    primary: item.id,
    items: [{ ...item, properties: [...others, ...boxes] }],
  });
}

/** Compares with a twin whose numbers were spread or narrowed. */
async function differenceFromRange(file: Uint8Array, twin: string, gain: number, offset: number): Promise<number> {
  const changed = await sharp(fixture(twin)).linear(gain, offset).png().toBuffer();
  return meanDifference(await crop(file), await crop(changed));
}

describe('a range', () => {
  test.each([
    ['grey-limited-8.avif', 'grey.png'],
    ['grey-limited-10.avif', 'grey.png'],
    ['colour-limited-8.avif', 'colour.png'],
    ['colour-limited-10.avif', 'colour.png'],
    ['colour-full-8.avif', 'colour.png'],
    ['grey-profile-8.avif', 'grey.png'],
  ])('is that of the bitstream where no box says it: %s', async (name, twin) => {
    expect(await difference(withColours(name), twin)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('is that of the bitstream where the box is only a profile', async () => {
    const { icc: profile } = await sharp(fixture('grey-profile.png')).metadata();
    const file = withColours('grey-limited-8.avif', icc(profile ?? Buffer.alloc(0)));

    expect(await difference(file, 'grey-profile.png')).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  // The differences in colour are narrowed to 224 of 255, a little less than brightness.
  test.each([
    ['grey-limited-8.avif', 'grey.png', 1],
    ['grey-limited-10.avif', 'grey.png', 1],
    ['colour-limited-8.avif', 'colour.png', 2],
    ['colour-limited-10.avif', 'colour.png', 2],
  ])('is full where the box says so, although the bitstream of %s says limited', async (name, twin, tolerance) => {
    const file = withColours(name, nclx(1, 13, 6, true));

    expect(await differenceFromRange(file, twin, 219 / 255, 16)).toBeLessThanOrEqual(tolerance);
  });

  test.each([
    ['grey-profile-8.avif', 'grey.png', 1],
    ['colour-full-8.avif', 'colour.png', 2],
  ])('is limited where the box says so, although the bitstream of %s says full', async (name, twin, tolerance) => {
    const file = withColours(name, nclx(1, 13, 6, false));

    expect(await differenceFromRange(file, twin, 255 / 219, (-16 * 255) / 219)).toBeLessThanOrEqual(tolerance);
  });
});

test('colours count in a file whose brands say only HEIF, too', async () => {
  const [item] = takeItems(fixture('p3-nclx-8.avif')) as [WrittenItem];
  const file = writeHeif({ brands: ['mif1'], primary: item.id, items: [item] });

  expect(await difference(file, 'p3.png')).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
});

test('what is transparent is white, also where a profile is applied here', async () => {
  const [grey] = takeItems(fixture('grey-profile-8.avif')) as [WrittenItem];
  const [plain] = takeItems(fixture('grey-limited-8.avif')) as [WrittenItem];
  const properties = plain.properties.filter((property) => !Buffer.from(property).includes('colr'));
  const alpha = Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0', 'latin1');
  const auxiliary = fullBox('auxC', 0, 0, alpha);
  const file = writeHeif({
    brands: ['avif', 'mif1'],
    primary: 1,
    items: [
      { ...grey, id: 1 },
      { ...plain, id: 2, properties: [...properties, auxiliary] },
    ],
    references: [['auxl', 2, [1]]],
  });
  const [shown, opaque] = [await crop(file), await crop(fixture('grey-profile.png'))];

  // Nowhere darker than without transparency, but for what coding costs.
  expect(shown.every((value, at) => value >= (opaque[at] ?? 0) - 6)).toBe(true);
  expect(meanDifference(shown, opaque)).toBeGreaterThan(20);
});
