import type { Size } from '../fit.ts';
import { requirePixels } from '../limits.ts';
import { type Box, BoxError, BoxReader } from './box-reader.ts';
import { type Colour, readColour } from './colour.ts';
import type { HeifItems, Item } from './read-items.ts';

/** The picture that a viewer shows, as the boxes describe it. */
export interface PrimaryPicture {
  /** The size before cropping, rotation and mirroring, in pixels. */
  readonly size: Size;
  readonly colour: Colour;
  /**
   * What is coded of it: one item for a whole picture, one for each tile of a grid. An item that is
   * used twice is listed twice.
   */
  readonly coded: readonly CodedItem[];
  /** What is coded of its transparency; empty where it has none. */
  readonly alpha: readonly CodedItem[];
}

/** An item whose data a decoder reads. */
export interface CodedItem extends Item {
  readonly size: Size;
}

/** Types of items that are made of others: tiles, layers, or another picture unchanged. */
const DERIVED = new Set(['grid', 'iovl', 'iden']);
/** A grid of an overlay of grids is as deep as any real picture could be. */
const MAX_DEPTH = 4;
/** The largest number of coded pictures that one picture is made of. */
const MAX_CODED = 1000;
/**
 * The tiles of a grid may reach over its right and lower edge. All together may have this many
 * times the pixels of the picture, where that is more than the limit of pixels.
 */
const MAX_OVERHANG = 4;

const ALPHA = new Set(['urn:mpeg:mpegB:cicp:systems:auxiliary:alpha', 'urn:mpeg:hevc:2015:auxid:1']);

/**
 * Describes the primary picture of a HEIF file (HEIC or AVIF), and bounds what decoding it can
 * cost. Nothing is decoded.
 * @throws {TooManyPixelsError} when the picture, or a part of it, has more pixels than the limit
 * @throws {BoxError} when boxes contradict each other, or the data of an item is not all there
 */
export function readPrimaryPicture(bytes: Uint8Array, heif: HeifItems, maxPixels: number): PrimaryPicture {
  const primary = itemOf(heif, heif.primary);
  const size = sizeOf(bytes, primary);
  requirePixels(size, maxPixels);
  const coded = listCoded({ bytes, heif, maxPixels }, primary);
  const auxiliary = findAlpha(bytes, heif);
  const alpha = auxiliary === undefined ? [] : listCoded({ bytes, heif, maxPixels }, auxiliary);
  const [first] = coded;
  if (first === undefined) throw new BoxError('its primary picture has no coded data');
  const pixels = Math.max(maxPixels, MAX_OVERHANG * size.width * size.height);
  for (const items of [coded, alpha]) requireBoundedPixels(items, pixels);
  requireComplete([...coded, ...alpha], bytes.length);
  // Some writers describe the colours of the tiles only.
  const colour = { ...readColour(bytes, first.properties), ...readColour(bytes, primary.properties) };
  return { size, colour, coded, alpha };
}

/** Finds the first box of a type among an item's properties. */
export function propertyOf({ properties }: Item, type: string): Box | undefined {
  return properties.find((box) => box.type === type);
}

/** Returns an item's bytes: a view of the file where they lie in one piece, else a copy. */
export function dataOf(bytes: Uint8Array, { extents }: Item): Uint8Array {
  const [only, ...others] = extents.map(({ start, end }) => bytes.subarray(start, end));
  return others.length === 0 && only !== undefined ? only : Buffer.concat(only === undefined ? [] : [only, ...others]);
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly heif: HeifItems;
  readonly maxPixels: number;
}

function listCoded(walk: Walk, item: Item, depth = 0): CodedItem[] {
  const { bytes, heif, maxPixels } = walk;
  const size = sizeOf(bytes, item);
  requirePixels(size, maxPixels);
  if (!DERIVED.has(item.type)) return [{ ...item, size }];
  if (depth === MAX_DEPTH) throw new BoxError('its pictures are nested too deep');
  const parts = heif.references.filter(({ type, from }) => type === 'dimg' && from === item.id).flatMap(({ to }) => to);
  if (item.type !== 'iden') requireSameSize(bytes, item, size, parts.length);
  const coded: CodedItem[] = [];
  for (const id of parts) {
    coded.push(...listCoded(walk, itemOf(heif, id), depth + 1));
    if (coded.length > MAX_CODED) throw new BoxError(`it is made of more than ${MAX_CODED} coded pictures`);
  }
  return coded;
}

/** Bytes before the size: for a grid the version, the flags, rows and columns. */
const BEFORE_SIZE: Readonly<Record<string, number>> = { grid: 4, iovl: 10 };

/** Compares the size in a grid's or an overlay's own data, which a decoder uses, with `ispe`. */
function requireSameSize(bytes: Uint8Array, item: Item, { width, height }: Size, parts: number): void {
  const [extent] = item.extents;
  if (extent === undefined || extent.end > bytes.length)
    throw new BoxError('its description of the tiles is not there');
  const header = new BoxReader(bytes, extent, item.type);
  header.skip(1);
  const numberBytes = header.uint(1) & 1 ? 4 : 2;
  if (item.type === 'grid') {
    const tiles = (header.uint(1) + 1) * (header.uint(1) + 1);
    if (tiles !== parts) throw new BoxError(`its grid has ${tiles} tiles, but ${parts} are named`);
  }
  const body = new BoxReader(bytes, extent, item.type);
  body.skip(BEFORE_SIZE[item.type] ?? 0);
  if (body.uint(numberBytes) !== width || body.uint(numberBytes) !== height) {
    throw new BoxError(`its ${item.type} has another size than its box ispe`);
  }
}

function requireBoundedPixels(coded: readonly CodedItem[], limit: number): void {
  const total = coded.reduce((sum, { size: { width, height } }) => sum + width * height, 0);
  if (total > limit) throw new BoxError(`its parts have ${total} pixels, far more than the picture`);
}

/**
 * Refuses a file whose end is missing: every byte that a decoder will read must be there. The data
 * of different items may not overlap, or a small file could cost any amount of time.
 */
function requireComplete(coded: readonly CodedItem[], fileLength: number): void {
  let total = 0;
  for (const { extents } of new Map(coded.map((item) => [item.id, item])).values()) {
    if (extents.length === 0) throw new BoxError('one of its coded pictures has no data');
    for (const { start, end } of extents) {
      if (end > fileLength) throw new BoxError(`its data reaches to byte ${end}, but the file has ${fileLength} bytes`);
      total += end - start;
    }
  }
  if (total > fileLength) throw new BoxError('its coded pictures have more data than the file');
}

function findAlpha(bytes: Uint8Array, heif: HeifItems): Item | undefined {
  const auxiliary = heif.references.filter(({ type, to }) => type === 'auxl' && to.includes(heif.primary));
  return auxiliary
    .map(({ from }) => heif.items.get(from))
    .find((item) => {
      const box = item && propertyOf(item, 'auxC');
      return box !== undefined && ALPHA.has(textOf(bytes.subarray(box.start + 4, box.end)));
    });
}

/** Reads a text that a zero ends. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? undefined : end)).toString('latin1');
}

function itemOf({ items }: HeifItems, id: number): Item {
  const item = items.get(id);
  if (item === undefined) throw new BoxError(`item ${id} is missing`);
  return item;
}

function sizeOf(bytes: Uint8Array, item: Item): Size {
  const box = propertyOf(item, 'ispe');
  if (box === undefined) throw new BoxError(`item ${item.id} (${item.type}) has no size`);
  const reader = new BoxReader(bytes, box, 'ispe');
  reader.fullBox();
  const size = { width: reader.uint(4), height: reader.uint(4) };
  if (size.width === 0 || size.height === 0) throw new BoxError(`item ${item.id} (${item.type}) has no pixels`);
  return size;
}
