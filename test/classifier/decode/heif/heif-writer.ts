import { dataOf } from '../../../../classifier/decode/heif/primary-picture.ts';
import { readItems } from '../../../../classifier/decode/heif/read-items.ts';

/** An item to be written: its type, its data and the boxes that describe it. */
export interface WrittenItem {
  readonly id: number;
  readonly type: string;
  readonly data: Uint8Array;
  readonly properties: readonly Uint8Array[];
}

export interface WrittenHeif {
  readonly brands?: readonly string[];
  readonly primary: number;
  readonly items: readonly WrittenItem[];
  readonly references?: readonly (readonly [type: string, from: number, to: readonly number[]])[];
}

/** Writes a HEIF file, all data in one `mdat` at its end, in the order of the items. */
export function writeHeif({ brands = ['heic', 'mif1'], primary, items, references = [] }: WrittenHeif): Buffer {
  const properties = items.flatMap((item) => item.properties);
  let next = 0;
  const associations = items.map((item) => {
    const numbers = item.properties.map(() => {
      next += 1;
      return u16(0x8000 | next);
    });
    return [u16(item.id), u8(numbers.length), ...numbers];
  });
  const ftyp = box('ftyp', text(brands[0] ?? ''), u32(0), ...brands.map(text));
  const meta = (start: number) => {
    let at = start;
    const places = items.map(({ id, data }) => {
      at += data.length;
      return Buffer.concat([u16(id), u16(0), u16(1), u32(at - data.length), u32(data.length)]);
    });
    return fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), text('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, u16(primary)),
      fullBox('iloc', 0, 0, u16(0x4400), u16(items.length), ...places),
      fullBox(
        'iinf',
        0,
        0,
        u16(items.length),
        ...items.map(({ id, type }) => fullBox('infe', 2, 0, u16(id), u16(0), text(type), u8(0))),
      ),
      box('iprp', box('ipco', ...properties), fullBox('ipma', 0, 1, u32(items.length), ...associations.flat())),
      fullBox(
        'iref',
        0,
        0,
        ...references.map(([type, from, to]) => box(type, u16(from), u16(to.length), ...to.map(u16))),
      ),
    );
  };
  // The size of the meta box does not depend on the offsets in it.
  const dataStart = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(dataStart), box('mdat', ...items.map(({ data }) => data))]);
}

/** Takes the items of a file apart, so that they can be put together in another way. */
export function takeItems(file: Buffer): WrittenItem[] {
  const items = [...(readItems(file)?.items.values() ?? [])];
  return items.map((item) => ({
    id: item.id,
    type: item.type,
    data: dataOf(file, item),
    properties: item.properties.map(({ start, end }) => file.subarray(start - 8, end)),
  }));
}

/** A grid of tiles, in rows from the top left. Their ids are `tiles`. */
export function grid(id: number, columns: number, rows: number, size: { width: number; height: number }): WrittenItem {
  const large = Math.max(size.width, size.height) > 0xffff;
  const number = large ? u32 : u16;
  return {
    id,
    type: 'grid',
    data: Buffer.concat([
      u8(0),
      u8(large ? 1 : 0),
      u8(rows - 1),
      u8(columns - 1),
      number(size.width),
      number(size.height),
    ]),
    properties: [ispe(size)],
  };
}

export function ispe({ width, height }: { width: number; height: number }): Buffer {
  return fullBox('ispe', 0, 0, u32(width), u32(height));
}

/** Rotation by quarter turns, anticlockwise. */
export function irot(quarters: number): Buffer {
  return box('irot', u8(quarters));
}

/** Mirroring: 0 turns the picture upside down, 1 swaps left and right. */
export function imir(axis: number): Buffer {
  return box('imir', u8(axis));
}

export function nclx(primaries: number, transfer: number, matrix: number, fullRange: boolean): Buffer {
  return box('colr', text('nclx'), u16(primaries), u16(transfer), u16(matrix), u8(fullRange ? 0x80 : 0));
}

export function icc(profile: Uint8Array): Buffer {
  return box('colr', text('prof'), profile);
}

export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([u32(content.length + 8), text(type), content]);
}

export function fullBox(type: string, version: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

export function u8(value: number): Buffer {
  return Buffer.of(value);
}

export function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function text(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}
