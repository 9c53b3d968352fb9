import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import type { Sharp } from 'sharp';
import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { TooManyPixelsError, TruncatedImageError, UnsupportedFormatError } from '../../../../classifier/errors.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { crop, meanDifference } from '../compare.ts';
import {
  box,
  grid,
  icc,
  imir,
  irot,
  ispe,
  nclx,
  takeItems,
  text,
  u32,
  type WrittenItem,
  writeHeif,
} from './heif-writer.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Largest mean difference between a crop and the source's, of 255: what coding in HEVC costs. */
const MAX_MEAN_DIFFERENCE = 1.5;
const SIZE = { width: 200, height: 150 };

const SOURCE = fixture('source.png');
const WHOLE = onlyItem('whole.heic');
const TILES = takeItems(fixture('tiles.heic'));
const GREY = onlyItem('grey.heic');
const GRID_ID = 9;

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures/heic/${name}`, import.meta.url));
}

function onlyItem(name: string): WrittenItem {
  const [item] = takeItems(fixture(name));
  if (item === undefined) throw new TypeError(`${name} has no item`);
  return item;
}

/** Writes one coded picture with further properties. */
function heicOf(item: WrittenItem, ...properties: readonly Buffer[]): Buffer {
  return writeHeif({ primary: item.id, items: [{ ...item, properties: [...item.properties, ...properties] }] });
}

/** Writes the grid of the four tiles, which reach over its right and lower edge. */
function gridHeic(...properties: readonly Buffer[]): Buffer {
  const head = grid(GRID_ID, 2, 2, SIZE);
  return writeHeif({
    primary: GRID_ID,
    items: [...TILES, { ...head, properties: [...head.properties, ...properties] }],
    references: [['dimg', GRID_ID, [1, 2, 3, 4]]],
  });
}

async function differenceFrom(bytes: Uint8Array, source: Uint8Array): Promise<number> {
  return meanDifference(await crop(bytes), await crop(source));
}

test.each([
  ['a whole picture', fixture('whole.heic')],
  ['10 bits', fixture('whole-10.heic')],
  ['a grid of tiles', gridHeic()],
])('%s: mean absolute difference at most 1.5 of 255', async (_kind, bytes) => {
  expect(await differenceFrom(bytes, SOURCE)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
});

test('the original is described: width and height as shown, format and bytes', async () => {
  const bytes = gridHeic(irot(1));

  const { width, height, format, bytes: size } = await decodeImage(bytes, PREPROCESSING);

  expect({ width, height, format, size }).toEqual({ width: 150, height: 200, format: 'heic', size: bytes.length });
});

/** The eight orientations, as `irot` and `imir` give them, and what they do to a picture. */
const ORIENTATIONS: readonly (readonly [title: string, boxes: readonly Buffer[], shown: (stored: Sharp) => Sharp])[] = [
  ['upright', [], (stored) => stored],
  ['mirrored', [imir(1)], (stored) => stored.flop()],
  ['upside down', [irot(2)], (stored) => stored.rotate(180)],
  ['mirrored upside down', [imir(0)], (stored) => stored.flip()],
  ['a quarter turn to the left', [irot(1)], (stored) => stored.rotate(270)],
  ['a quarter turn to the right', [irot(3)], (stored) => stored.rotate(90)],
];
/** Rotation comes first here, so that sharp, which mirrors first, needs two steps. */
const TRANSPOSED: readonly (readonly [title: string, quarters: number, angle: number])[] = [
  ['a quarter turn to the left, then mirrored', 1, 270],
  ['a quarter turn to the right, then mirrored', 3, 90],
];

describe.each([
  ['whole', (...boxes: readonly Buffer[]) => heicOf(WHOLE, ...boxes)],
  ['tiled', gridHeic],
])('a %s picture is shown upright', (_kind, write) => {
  test.each(ORIENTATIONS)('%s', async (_title, boxes, shown) => {
    expect(await differenceFrom(write(...boxes), await shown(sharp(SOURCE)).png().toBuffer())).toBeLessThanOrEqual(
      MAX_MEAN_DIFFERENCE,
    );
  });

  test.each(TRANSPOSED)('%s', async (_title, quarters, angle) => {
    const turned = await sharp(SOURCE).rotate(angle).png().toBuffer();

    expect(
      await differenceFrom(write(irot(quarters), imir(1)), await sharp(turned).flop().png().toBuffer()),
    ).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });
});

test('EXIF orientation is not applied on top: a HEIC file says in its boxes how it is turned', async () => {
  const exif = (await sharp(SOURCE).withMetadata({ orientation: 6 }).jpeg().toBuffer()).subarray(20, 60);
  const item = { id: 5, type: 'Exif', data: Buffer.concat([u32(6), exif]), properties: [] };
  const bytes = writeHeif({ primary: 1, items: [WHOLE, item], references: [['cdsc', 5, [1]]] });

  const { width, height } = await decodeImage(bytes, PREPROCESSING);

  expect({ width, height }).toEqual(SIZE);
});

describe('colours become sRGB', () => {
  /** The source's numbers, taken for those of another colour space. */
  async function taken(profile: string): Promise<{ picture: Buffer; profile: Buffer }> {
    const tagged = await sharp(SOURCE).withIccProfile(profile).png().toBuffer();
    const embedded = (await sharp(tagged).metadata()).icc ?? Buffer.alloc(0);
    // sharp embeds a profile without converting only where the pixels are already in it.
    const tiff = await sharp(SOURCE).withIccProfile(profile).tiff({ compression: 'none' }).toBuffer();
    const { data, info } = await sharp(SOURCE).raw().toBuffer({ resolveWithObject: true });
    const pixels = await sharp(tiff, { ignoreIcc: true }).raw().toBuffer();
    const at = tiff.indexOf(pixels.subarray(0, info.width * 3));
    return { picture: Buffer.concat([tiff.subarray(0, at), data, tiff.subarray(at + data.length)]), profile: embedded };
  }

  test.each([
    ['by an ICC profile', async () => icc((await taken('p3')).profile)],
    ['by code numbers', async () => nclx(12, 13, 6, true)],
  ])('Display P3, given %s', async (_form, colour) => {
    const { picture } = await taken('p3');

    expect(await differenceFrom(picture, SOURCE)).toBeGreaterThan(5);
    expect(await differenceFrom(heicOf(WHOLE, await colour()), picture)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(await differenceFrom(gridHeic(await colour()), picture)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('a profile counts more than code numbers', async () => {
    const { picture, profile } = await taken('p3');

    expect(await differenceFrom(heicOf(WHOLE, icc(profile), nclx(1, 13, 6, true)), picture)).toBeLessThanOrEqual(
      MAX_MEAN_DIFFERENCE,
    );
  });

  test("where the grid says nothing, its tiles' colours count", async () => {
    const { picture } = await taken('p3');
    const tiles = TILES.map((tile) => ({ ...tile, properties: [...tile.properties, nclx(12, 13, 6, true)] }));
    const bytes = writeHeif({
      primary: GRID_ID,
      items: [...tiles, grid(GRID_ID, 2, 2, SIZE)],
      references: [['dimg', GRID_ID, [1, 2, 3, 4]]],
    });

    expect(await differenceFrom(bytes, picture)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });
});

describe('brightness without colour', () => {
  const expanded = (pixels: Uint8Array) => Uint8ClampedArray.from(pixels, (value) => ((value - 16) * 255) / 219);

  test.each([
    ['where the box says limited range', heicOf(GREY, nclx(1, 13, 6, false))],
    ['where only the bitstream says limited range', fixture('grey-limited.heic')],
  ])('%s, 16 to 235 become 0 to 255', async (_title, bytes) => {
    const full = await crop(fixture('grey.heic'));

    expect(meanDifference(await crop(bytes), Uint8Array.from(expanded(full)))).toBeLessThan(0.5);
    expect(meanDifference(await crop(bytes), full)).toBeGreaterThan(3);
  });

  test('the box counts more than the bitstream', async () => {
    const bytes = heicOf(onlyItem('grey-limited.heic'), nclx(1, 13, 6, true));

    expect(await differenceFrom(bytes, fixture('grey.heic'))).toBeLessThan(0.1);
  });
});

describe('transparency', () => {
  async function onWhite(): Promise<Buffer> {
    const alpha = Buffer.from(
      Array.from({ length: SIZE.width * SIZE.height }, (_, at) => Math.round((255 * (at % SIZE.width)) / 199)),
    );
    return sharp(SOURCE)
      .joinChannel(alpha, { raw: { ...SIZE, channels: 1 } })
      .flatten({ background: 'white' })
      .png()
      .toBuffer();
  }

  test('is put onto white', async () => {
    expect(await differenceFrom(fixture('alpha.heic'), await onWhite())).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
  });

  test('with premultiplied colours, these are not multiplied again', async () => {
    const [colour, alpha] = takeItems(fixture('alpha.heic')) as [WrittenItem, WrittenItem];
    const write = (...more: readonly (readonly [string, number, readonly number[]])[]) =>
      writeHeif({ primary: 1, items: [colour, alpha], references: [['auxl', 2, [1]], ...more] });
    const [straight, premultiplied] = [await crop(write()), await crop(write(['prem', 1, [2]]))];

    // Colour c and transparency a give ca + 1 - a, and c + 1 - a, which is brighter.
    expect(meanDifference(straight, premultiplied)).toBeGreaterThan(10);
    expect(premultiplied.every((value, at) => value >= (straight[at] ?? 0) - 2)).toBe(true);
  });
});

test('of several pictures the primary one is shown', async () => {
  const [, second] = TILES as [WrittenItem, WrittenItem];
  const bytes = writeHeif({ primary: 2, items: TILES });

  expect(await differenceFrom(bytes, heicOf(second))).toBe(0);
  expect(await differenceFrom(bytes, SOURCE)).toBeGreaterThan(10);
});

describe('what cannot be decoded', () => {
  const decode = (bytes: Uint8Array, limits = {}) => decodeImage(bytes, PREPROCESSING, limits);

  test.each([
    ['whole', fixture('whole.heic')],
    ['tiled', gridHeic()],
  ])('a %s picture is incomplete wherever it is cut', async (_kind, bytes) => {
    for (const share of [0.02, 0.1, 0.5, 0.9, 0.99]) {
      await expect(decode(bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toThrow(TruncatedImageError);
    }
  });

  test('a file whose end was never written is incomplete, although libheif shows it', async () => {
    const bytes = Buffer.from(fixture('whole.heic'));
    bytes.fill(0, Math.floor(bytes.length / 2));

    await expect(decode(bytes)).rejects.toThrow(/^the heic image is incomplete or damaged \(.*partly zeros\)/);
  });

  test('a picture at exactly the limit of pixels is accepted, one pixel more is not', async () => {
    await expect(decode(gridHeic(), { maxPixels: 30_000 })).resolves.toBeDefined();
    await expect(decode(gridHeic(), { maxPixels: 29_999 })).rejects.toThrow(TooManyPixelsError);
  });

  test('with heic false it is refused by name', async () => {
    const refusal = decode(fixture('whole.heic'), { heic: false });

    await expect(refusal).rejects.toThrow(UnsupportedFormatError);
    await expect(refusal).rejects.toThrow('HEIC is switched off here (AUTOSWIFTNET_HEIC=0, or the option heic)');
  });

  test.each([
    ['avc1', 'coded as H.264'],
    ['jpeg', 'coded as JPEG'],
    ['xyz1', 'coded as "xyz1"'],
  ])('a picture of items of type %s is %s, which is not supported', async (type, reason) => {
    const refusal = decode(heicOf({ ...WHOLE, type }));

    await expect(refusal).rejects.toThrow(UnsupportedFormatError);
    await expect(refusal).rejects.toThrow(reason);
  });

  test('a sequence without a still picture is not supported', async () => {
    const bytes = Buffer.concat([box('ftyp', text('hevc'), u32(0), text('msf1')), box('moov')]);

    await expect(decode(bytes)).rejects.toThrow(UnsupportedFormatError);
  });
});

/** Files that would cost far more than they show. Each is refused before anything is decoded. */
describe('hostile files', () => {
  const decode = (bytes: Uint8Array) => decodeImage(bytes, PREPROCESSING);
  const tile = TILES[0] as WrittenItem;
  const withSize = (item: WrittenItem, size: { width: number; height: number }): WrittenItem => ({
    ...item,
    properties: [ispe(size), ...item.properties.filter((property) => !Buffer.from(property).includes('ispe'))],
  });
  const gridOf = (columns: number, rows: number, size: { width: number; height: number }, parts: readonly number[]) =>
    writeHeif({
      primary: GRID_ID,
      items: [tile, grid(GRID_ID, columns, rows, size)],
      references: [['dimg', GRID_ID, parts]],
    });

  test.each([
    ['a size that the bitstream exceeds', heicOf(withSize(WHOLE, { width: 20, height: 20 })), '(its coded data has'],
    [
      'a grid of one tile, 65,025 times',
      gridOf(255, 255, SIZE, Array<number>(65_025).fill(1)),
      '(there are more than 32000',
    ],
    [
      'tiles that reach far over the edge',
      gridOf(40, 40, { width: 9, height: 9 }, Array<number>(1600).fill(1)),
      '1000 coded',
    ],
    ['another number of tiles than named', gridOf(2, 2, SIZE, [1]), 'has 4 tiles, but 1 are named'],
    ['a grid that contains itself', gridOf(1, 1, SIZE, [GRID_ID]), 'nested too deep'],
    ['a tile that is not there', gridOf(1, 1, SIZE, [77]), 'item 77 is missing'],
    ['several pictures in one item', heicOf({ ...WHOLE, data: Buffer.concat([WHOLE.data, WHOLE.data]) }), '2 coded'],
    ['a picture without parameters', heicOf({ ...WHOLE, properties: [ispe(SIZE)] }), 'no parameters (hvcC)'],
    ['a picture without a size', heicOf({ ...WHOLE, properties: [] }), 'has no size'],
    ['a picture without pixels', heicOf(withSize(WHOLE, { width: 0, height: 9 })), 'has no pixels'],
  ])('%s', async (_title, bytes, reason) => {
    const refusal = decode(bytes);

    await expect(refusal).rejects.toThrow(TruncatedImageError);
    await expect(refusal).rejects.toThrow(reason);
  });

  test('a grid whose own data gives another size than its box', async () => {
    const head = grid(GRID_ID, 1, 1, { width: 60_000, height: 60_000 });
    const bytes = writeHeif({
      primary: GRID_ID,
      items: [tile, withSize(head, { width: 128, height: 128 })],
      references: [['dimg', GRID_ID, [1]]],
    });

    await expect(decode(bytes)).rejects.toThrow('its grid has another size than its box ispe');
  });

  test('more pixels than the limit, in the file or in one tile', async () => {
    const huge = { width: 60_000, height: 60_000 };

    await expect(decode(heicOf(withSize(WHOLE, huge)))).rejects.toThrow(TooManyPixelsError);
    const bytes = writeHeif({
      primary: GRID_ID,
      items: [withSize(tile, huge), grid(GRID_ID, 1, 1, SIZE)],
      references: [['dimg', GRID_ID, [1]]],
    });
    await expect(decode(bytes)).rejects.toThrow(TooManyPixelsError);
  });

  test('items whose data overlaps, so that a small file would be read many times', async () => {
    const bytes = gridHeic();
    const [iloc] = [bytes.indexOf('iloc') + 12];
    // Each entry: id, reference, count, offset, length. All tiles get the same data.
    const first = bytes.subarray(iloc + 6, iloc + 14);
    const padded = Buffer.alloc(8);
    padded.writeUInt32BE(first.readUInt32BE(0) - 300);
    padded.writeUInt32BE(bytes.length - first.readUInt32BE(0) + 300, 4);
    for (let entry = 0; entry < 4; entry += 1) padded.copy(bytes, iloc + 14 * entry + 6);

    await expect(decode(bytes)).rejects.toThrow('more data than the file');
  });
});
