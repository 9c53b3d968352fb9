import { damaged } from '../refusals.ts';

/** One entry of a directory. */
export interface Entry {
  /** Where the entry itself lies in the file. */
  readonly at: number;
  readonly type: number;
  readonly count: number;
  /** Where its values lie in the file. */
  readonly dataAt: number;
}

/** The first image file directory of a TIFF: what it says of its first picture. */
export interface Directory {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  /** Whether the file is a BigTIFF, which has 8-byte offsets. */
  readonly big: boolean;
  readonly entries: ReadonlyMap<number, Entry>;
  /** Where the offset of the next directory lies in the file. */
  readonly nextAt: number;
}

/** Bytes of the number of entries, of an entry and of an offset. */
export const CLASSIC_SIZES = { countBytes: 2, entryBytes: 12, offsetBytes: 4 } as const;
export const BIG_SIZES = { countBytes: 8, entryBytes: 20, offsetBytes: 8 } as const;

/** Bytes of one value by its type (TIFF 6.0, section 2, and BigTIFF). 0 stands for no type. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const [BYTE, SHORT, LONG, RATIONAL, UNDEFINED, FLOAT, IFD, LONG8, IFD8] = [1, 3, 4, 5, 7, 11, 13, 16, 18];

/** The tags are fewer than 256, so more entries are those of a damaged file. */
const MAX_ENTRIES = 4096;

/**
 * Reads the first directory. Only its entries are read, not their values.
 * @throws {TruncatedImageError} when the file ends before it
 */
export function readDirectory(bytes: Uint8Array): Directory {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const big = view.byteLength > 4 && view.getUint16(2, littleEndian) === 43;
  const { countBytes, entryBytes, offsetBytes } = big ? BIG_SIZES : CLASSIC_SIZES;
  const offset = (at: number): number => readOffset(view, at, { littleEndian, big });
  const start = inside(view, offsetBytes, offsetBytes) ? offset(offsetBytes) : Number.NaN;
  if (!inside(view, start, countBytes)) throw damaged('tiff', 'the file ends before its directory');
  const count = big ? offset(start) : view.getUint16(start, littleEndian);
  if (count > MAX_ENTRIES || !inside(view, start + countBytes, count * entryBytes)) {
    throw damaged('tiff', 'the file ends within its directory');
  }
  const entries = new Map<number, Entry>();
  for (let index = 0; index < count; index += 1) {
    const at = start + countBytes + index * entryBytes;
    const type = view.getUint16(at + 2, littleEndian);
    const values = big ? offset(at + 4) : view.getUint32(at + 4, littleEndian);
    const inlineAt = at + 4 + offsetBytes;
    const fits = values * (TYPE_BYTES[type] ?? 0) <= offsetBytes;
    entries.set(view.getUint16(at, littleEndian), {
      at,
      type,
      count: values,
      dataAt: fits ? inlineAt : offset(inlineAt),
    });
  }
  return { bytes, littleEndian, big, entries, nextAt: start + countBytes + count * entryBytes };
}

/**
 * Returns the file without a way to its other pictures. libvips reads all directories to count
 * them, before it shows the first picture: 200,000 of them, in 37 MB, took 7 s of processor time.
 */
export function withoutOtherDirectories({ bytes, big, nextAt }: Directory): Uint8Array {
  const end = nextAt + (big ? BIG_SIZES : CLASSIC_SIZES).offsetBytes;
  if (bytes.subarray(nextAt, end).every((byte) => byte === 0)) return bytes;
  return Uint8Array.from(bytes).fill(0, nextAt, end);
}

/**
 * Returns the numbers of a tag, or undefined where it is absent.
 * @param most how many numbers are read at most
 * @throws {TruncatedImageError} when they lie outside the file
 */
export function numbersOf(directory: Directory, tag: number, most = Number.POSITIVE_INFINITY): number[] | undefined {
  const entry = directory.entries.get(tag);
  if (!entry) return undefined;
  const view = viewOf(directory.bytes);
  const size = TYPE_BYTES[entry.type] ?? 0;
  const count = Math.min(entry.count, most);
  if (size === 0 || !inside(view, entry.dataAt, count * size)) {
    throw damaged('tiff', `the values of tag ${tag} lie outside the file`);
  }
  return Array.from({ length: count }, (_, index) => readNumber(view, entry, index, directory.littleEndian));
}

/** Returns a tag's only number, or a default where the tag is absent or has no number. */
export function numberOf<Default>(directory: Directory, tag: number, otherwise: Default): number | Default {
  return numbersOf(directory, tag, 1)?.[0] ?? otherwise;
}

/** Returns the bytes of a tag, or undefined where it is absent or lies outside the file. */
export function bytesOf({ bytes, entries }: Directory, tag: number): Uint8Array | undefined {
  const entry = entries.get(tag);
  if (!entry || !inside(viewOf(bytes), entry.dataAt, entry.count)) return undefined;
  return bytes.subarray(entry.dataAt, entry.dataAt + entry.count);
}

function readNumber(view: DataView, { type, dataAt }: Entry, index: number, littleEndian: boolean): number {
  const at = dataAt + index * (TYPE_BYTES[type] ?? 0);
  switch (type) {
    case BYTE:
    case UNDEFINED:
      return view.getUint8(at);
    case SHORT:
      return view.getUint16(at, littleEndian);
    case LONG:
    case IFD:
      return view.getUint32(at, littleEndian);
    case RATIONAL:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case FLOAT:
      return view.getFloat32(at, littleEndian);
    case LONG8:
    case IFD8:
      return Number(view.getBigUint64(at, littleEndian));
    default:
      return Number.NaN;
  }
}

function readOffset(
  view: DataView,
  at: number,
  { littleEndian, big }: Pick<Directory, 'littleEndian' | 'big'>,
): number {
  return big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
}

/** Whether a range lies in the file. NaN, and offsets too large for a double, do not. */
function inside(view: DataView, start: number, length: number): boolean {
  return start >= 0 && length >= 0 && start + length <= view.byteLength;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
