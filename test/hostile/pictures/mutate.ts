import type { ImageFormat } from '../../../classifier/decode/image.ts';
import { takeItems, type WrittenItem, writeHeif } from '../../classifier/decode/heif/heif-writer.ts';
import type { Random } from '../random.ts';
import type { CorpusPicture } from './corpus.ts';
import { type Piece, piecesOf, repairChecksums } from './pieces.ts';
import { claimSize } from './sizes.ts';

interface Subject extends CorpusPicture {
  readonly pieces: readonly Piece[];
}

/** Changes a file in one way, in which its format is still recognised. */
type Mutation = (subject: Subject, random: Random, corpus: readonly CorpusPicture[]) => Buffer;

const EXTREMES = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
const MOST_REPEATS = 40;
const MOST_BYTES = 8;

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'length of a piece': ({ bytes, pieces }, random) => {
    const { length } = random.oneOf(pieces.filter((piece) => piece.length));
    const changed = Buffer.from(bytes);
    const near = [bytes.length, bytes.length + 1, -1, 1].map((by) => (length ? read(bytes, length) + by : by));
    if (length) write(changed, length, random.oneOf([...EXTREMES, ...near]));
    return changed;
  },
  'piece dropped': (subject, random) => splice(subject, random.oneOf(subject.pieces), Buffer.alloc(0), random),
  'piece repeated': (subject, random) => {
    const piece = random.oneOf(subject.pieces);
    const copies = Array(2 + random.below(MOST_REPEATS)).fill(bytesOf(subject.bytes, piece));
    return splice(subject, piece, Buffer.concat(copies), random);
  },
  'pieces swapped': (subject, random) => {
    const [one, other] = [random.oneOf(subject.pieces), random.oneOf(subject.pieces)];
    const [first, second] = one.start < other.start ? [one, other] : [other, one];
    if (second.start < first.end) return Buffer.from(subject.bytes);
    const { bytes } = subject;
    return Buffer.concat([
      bytes.subarray(0, first.start),
      bytesOf(bytes, second),
      bytes.subarray(first.end, second.start),
      bytesOf(bytes, first),
      bytes.subarray(second.end),
    ]);
  },
  'piece cut short': (subject, random) => {
    const piece = random.oneOf(subject.pieces);
    const bytes = bytesOf(subject.bytes, piece);
    return splice(subject, piece, bytes.subarray(0, random.below(bytes.length)), random);
  },
  'piece of another picture': (subject, random, corpus) => {
    const other = random.oneOf(corpus.filter(({ format }) => format === subject.format));
    const foreign = bytesOf(other.bytes, random.oneOf(piecesOf(other.format, other.bytes)));
    return splice(subject, random.oneOf(subject.pieces), foreign, random);
  },
  'number in a piece': (subject, random) => {
    const changed = Buffer.from(subject.bytes);
    const { start, end } = random.oneOf(subject.pieces);
    const bytes = random.oneOf([1, 2, 4] as const);
    const at = Math.min(start + random.below(end - start), changed.length - bytes);
    write(changed, { at, bytes, littleEndian: random.isChance(0.5) }, random.oneOf(EXTREMES));
    return finish(subject.format, changed, random);
  },
  'bytes in a piece': (subject, random) => {
    const changed = Buffer.from(subject.bytes);
    const { start, end } = random.oneOf(subject.pieces);
    for (let count = 1 + random.below(MOST_BYTES); count > 0; count -= 1) {
      changed[start + random.below(end - start)] = random.below(256);
    }
    return finish(subject.format, changed, random);
  },
  'end cut off': ({ bytes }, random) => bytes.subarray(0, random.below(bytes.length)),
  'size in the header': ({ format, bytes }, random) => claimSize(format, bytes, random),
  'items of a HEIF file': mutateItems,
};

/** Returns which mutations suit a format. */
export function mutationsFor(format: ImageFormat): string[] {
  const isHeif = format === 'avif' || format === 'heic';
  return Object.keys(MUTATIONS).filter((name) => isHeif || !name.includes('HEIF'));
}

/**
 * Puts other bytes in the place of a piece. Mostly what contains the piece is told of its new size,
 * so that the change itself is read and not only noticed.
 */
function splice({ format, bytes, pieces }: Subject, piece: Piece, by: Buffer, random: Random): Buffer {
  if (format === 'tiff') return overwrite(bytes, piece, by);
  const added = by.length - (piece.end - piece.start);
  const whole = Buffer.from(bytes);
  if (random.isChance(0.8)) {
    const around = pieces.filter(({ start, end }) => start < piece.start && end >= piece.end);
    for (const { length } of around) if (length) write(whole, length, read(whole, length) + added);
    if (format === 'webp') whole.writeUInt32LE(Math.max(0, whole.readUInt32LE(4) + added), 4);
  }
  // Offsets in a HEIF file count from its beginning. Bytes that are dropped are made up for.
  const filler = (format === 'avif' || format === 'heic') && added <= -8 ? freeBox(-added) : Buffer.alloc(0);
  const changed = [whole.subarray(0, piece.start), by, whole.subarray(piece.end)];
  const data = changed[2]?.indexOf('mdat') ?? -1;
  if (filler.length > 0 && data >= 4) {
    const rest = changed.pop() ?? filler;
    changed.push(rest.subarray(0, data - 4), filler, rest.subarray(data - 4));
  }
  return finish(format, Buffer.concat(changed), random);
}

/** An entry of a directory keeps its place: it is replaced, or becomes one of tag 0. */
function overwrite(bytes: Buffer, { start, end }: Piece, by: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed.fill(0, start, end);
  by.copy(changed, start, 0, end - start);
  return changed;
}

function freeBox(length: number): Buffer {
  const box = Buffer.alloc(length);
  box.writeUInt32BE(length);
  box.write('free', 4, 'latin1');
  return box;
}

function finish(format: ImageFormat, file: Buffer, random: Random): Buffer {
  return format === 'png' && random.isChance(0.9) ? repairChecksums(file) : file;
}

/** Puts the items of a HEIF file together in another way: what describes them is no longer true. */
function mutateItems({ format, bytes }: Subject, random: Random): Buffer {
  const items = itemsOf(bytes);
  if (items.length === 0) return Buffer.from(bytes);
  const ids = [...items.map(({ id }) => id), 0, 99, 0xffff];
  const changed = items.flatMap((item): WrittenItem[] => {
    if (random.isChance(0.6)) return [item];
    const properties = item.properties.filter(() => random.isChance(0.85)).map((one) => mutateProperty(one, random));
    const others = random.isChance(0.3) ? random.oneOf(items).properties.slice(-1) : [];
    const data = random.isChance(0.3) ? item.data.subarray(0, random.below(item.data.length)) : item.data;
    const type = random.oneOf([item.type, item.type, 'grid', 'iden', 'iovl', 'hvc1', 'av01', 'Exif']);
    const more = { ...item, type, data, properties: [...properties, ...others] };
    return random.isChance(0.2) ? [more, { ...more, id: random.oneOf(ids) }] : [more];
  });
  const references = Array.from({ length: random.below(4) }, () => {
    const type = random.oneOf(['dimg', 'auxl', 'cdsc', 'thmb', 'prem']);
    return [type, random.oneOf(ids), Array.from({ length: 1 + random.below(5) }, () => random.oneOf(ids))] as const;
  });
  const brands = format === 'avif' ? ['avif', 'mif1'] : ['heic', 'mif1'];
  return writeHeif({ brands, primary: random.oneOf(ids), items: changed, references });
}

/** A sequence has no items that can be taken out. */
function itemsOf(bytes: Buffer): WrittenItem[] {
  try {
    return takeItems(bytes);
  } catch {
    return [];
  }
}

function mutateProperty(property: Uint8Array, random: Random): Uint8Array {
  if (random.isChance(0.6)) return property;
  const changed = Buffer.from(property);
  if (random.isChance(0.3)) return changed.subarray(0, 8 + random.below(Math.max(1, changed.length - 8)));
  const at = 8 + random.below(Math.max(1, changed.length - 12));
  if (at + 4 <= changed.length) changed.writeUInt32BE(random.oneOf(EXTREMES), at);
  return changed;
}

function bytesOf(file: Buffer, { start, end }: Piece): Buffer {
  return file.subarray(start, end);
}

function read(file: Buffer, { at, bytes, littleEndian }: NonNullable<Piece['length']>): number {
  return littleEndian ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
}

function write(file: Buffer, { at, bytes, littleEndian }: NonNullable<Piece['length']>, value: number): void {
  const most = 2 ** (8 * bytes);
  const number = ((value % most) + most) % most;
  if (littleEndian) file.writeUIntLE(number, at, bytes);
  else file.writeUIntBE(number, at, bytes);
}
