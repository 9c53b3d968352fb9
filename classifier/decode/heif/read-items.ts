import { type Box, BoxError, BoxReader, boxesIn, findBox } from './box-reader.ts';

/** A part of an item's data: offsets in the file, `end` exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** An item of a HEIF file (ISO/IEC 23008-12): a coded picture, a grid of pictures, metadata. */
export interface Item {
  readonly id: number;
  /** Four characters, such as `hvc1`, `grid` or `Exif`. */
  readonly type: string;
  readonly extents: readonly Extent[];
  /** The boxes that describe it, in the order of its list: `ispe`, `colr`, `irot` … */
  readonly properties: readonly Box[];
}

/** A reference from one item to others, such as `dimg` from a grid to its tiles. */
export interface ItemReference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

export interface HeifItems {
  /** The id of the picture that a viewer shows. */
  readonly primary: number;
  readonly items: ReadonlyMap<number, Item>;
  readonly references: readonly ItemReference[];
}

/**
 * The largest number of items, libheif's own limit. A 48-megapixel picture of an iPhone has 200 to
 * 300.
 */
export const MAX_ITEMS = 1000;
/** The largest number of pieces that the data of all items may lie in. */
const MAX_EXTENTS = 4 * MAX_ITEMS;
/** The largest number of references, and of properties, of all items together. */
const MAX_LINKS = 32 * MAX_ITEMS;

/**
 * Reads the items of a HEIF file (HEIC or AVIF) from its `meta` box. Nothing is decoded, and an
 * extent may lie beyond the end of the file: see `requireComplete`.
 * @returns undefined for a file without a primary picture, such as an image sequence alone
 * @throws {BoxError} when boxes do not fit together, end early, or are too many
 */
export function readItems(bytes: Uint8Array): HeifItems | undefined {
  const meta = findBox(bytes, 'meta');
  if (meta === undefined) return undefined;
  const boxes = boxesIn(bytes, { start: meta.start + 4, end: meta.end });
  const find = (type: string) => boxes.find((box) => box.type === type);
  const [pitm, iinf] = [find('pitm'), find('iinf')];
  if (pitm === undefined || iinf === undefined) return undefined;
  const types = readTypes(bytes, iinf);
  const extents = readExtents(bytes, find('iloc'), find('idat'));
  const properties = readProperties(bytes, find('iprp'));
  const items = new Map<number, Item>();
  for (const [id, type] of types) {
    items.set(id, { id, type, extents: extents.get(id) ?? [], properties: properties.get(id) ?? [] });
  }
  return { primary: readPrimary(bytes, pitm), items, references: readReferences(bytes, find('iref')) };
}

function readPrimary(bytes: Uint8Array, box: Box): number {
  const reader = new BoxReader(bytes, box, 'pitm');
  return reader.uint(reader.fullBox().version === 0 ? 2 : 4);
}

/** Reads the type of each item. Entries older than version 2 have none. */
function readTypes(bytes: Uint8Array, box: Box): Map<number, string> {
  const reader = new BoxReader(bytes, box, 'iinf');
  const count = reader.uint(reader.fullBox().version === 0 ? 2 : 4);
  requireAtMost(count, MAX_ITEMS, 'items');
  const types = new Map<number, string>();
  for (const entry of boxesIn(bytes, { start: box.end - reader.left, end: box.end })) {
    if (entry.type !== 'infe') continue;
    const fields = new BoxReader(bytes, entry, 'infe');
    const { version } = fields.fullBox();
    if (version < 2) continue;
    const id = fields.uint(version === 2 ? 2 : 4);
    fields.skip(2);
    types.set(id, fields.text());
    requireAtMost(types.size, MAX_ITEMS, 'items');
  }
  return types;
}

/** Where an item's data may lie, by the construction method of `iloc`. */
const IN_FILE = 0;
const IN_IDAT = 1;

function readExtents(bytes: Uint8Array, box: Box | undefined, idat: Box | undefined): Map<number, Extent[]> {
  const places = new Map<number, Extent[]>();
  if (box === undefined) return places;
  const reader = new BoxReader(bytes, box, 'iloc');
  const { version } = reader.fullBox();
  const sizes = reader.uint(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  if (Math.max(offsetSize, lengthSize, baseSize, indexSize) > 8) throw new BoxError('iloc has numbers of over 8 bytes');
  const count = reader.uint(version < 2 ? 2 : 4);
  requireAtMost(count, MAX_ITEMS, 'items');
  let total = 0;
  for (let item = 0; item < count; item += 1) {
    const id = reader.uint(version < 2 ? 2 : 4);
    const method = version === 0 ? IN_FILE : reader.uint(2) & 15;
    reader.skip(2);
    const base = reader.uint(baseSize);
    const pieces = reader.uint(2);
    total += pieces;
    requireAtMost(total, MAX_EXTENTS, 'pieces of data');
    const extents: Extent[] = [];
    for (let piece = 0; piece < pieces; piece += 1) {
      reader.skip(indexSize);
      const [offset, length] = [base + reader.uint(offsetSize), reader.uint(lengthSize)];
      extents.push(placed(method, offset, length, bytes.length, idat));
    }
    places.set(id, extents);
  }
  return places;
}

function placed(method: number, offset: number, length: number, fileLength: number, idat: Box | undefined): Extent {
  if (method === IN_FILE) return { start: offset, end: length === 0 ? Math.max(offset, fileLength) : offset + length };
  if (method !== IN_IDAT || idat === undefined) {
    throw new BoxError(`iloc places data by method ${method}, which has no meaning here`);
  }
  const end = length === 0 ? idat.end : idat.start + offset + length;
  if (end > idat.end) throw new BoxError('iloc places data behind the end of idat');
  return { start: idat.start + offset, end };
}

function readProperties(bytes: Uint8Array, box: Box | undefined): Map<number, Box[]> {
  const properties = new Map<number, Box[]>();
  if (box === undefined) return properties;
  const boxes = boxesIn(bytes, box);
  const container = boxes.find(({ type }) => type === 'ipco');
  const all = container === undefined ? [] : boxesIn(bytes, container);
  let total = 0;
  for (const association of boxes.filter(({ type }) => type === 'ipma')) {
    const reader = new BoxReader(bytes, association, 'ipma');
    const { version, flags } = reader.fullBox();
    const count = reader.uint(4);
    requireAtMost(count, MAX_ITEMS, 'items');
    for (let item = 0; item < count; item += 1) {
      const id = reader.uint(version === 0 ? 2 : 4);
      const links = reader.uint(1);
      total += links;
      requireAtMost(total, MAX_LINKS, 'properties');
      const own = properties.get(id) ?? [];
      for (let link = 0; link < links; link += 1) {
        // The highest bit says that the property is essential. Number 0 is no property.
        const number = flags & 1 ? reader.uint(2) & 0x7fff : reader.uint(1) & 0x7f;
        const property = all[number - 1];
        if (property !== undefined) own.push(property);
      }
      properties.set(id, own);
    }
  }
  return properties;
}

function readReferences(bytes: Uint8Array, box: Box | undefined): ItemReference[] {
  if (box === undefined) return [];
  const header = new BoxReader(bytes, box, 'iref');
  const idSize = header.fullBox().version === 0 ? 2 : 4;
  let total = 0;
  return boxesIn(bytes, { start: box.end - header.left, end: box.end }).map((reference) => {
    const reader = new BoxReader(bytes, reference, 'iref');
    const from = reader.uint(idSize);
    const count = reader.uint(2);
    total += count;
    requireAtMost(total, MAX_LINKS, 'references');
    return { type: reference.type, from, to: Array.from({ length: count }, () => reader.uint(idSize)) };
  });
}

function requireAtMost(count: number, limit: number, what: string): void {
  if (count > limit) throw new BoxError(`there are more than ${limit} ${what}`);
}
