import { crc32 } from 'node:zlib';
import type { ImageFormat } from '../../../classifier/decode/image.ts';

/**
 * A part of a file that its format tells apart: a segment, chunk, block or box. `start`, `dataAt`
 * and `end` are offsets in the file.
 */
export interface Piece {
  readonly name: string;
  readonly start: number;
  /** Where the data behind its header begins. */
  readonly dataAt: number;
  readonly end: number;
  /** The field that says how long it is, where it has one. */
  readonly length?: LengthField;
}

export interface LengthField {
  readonly at: number;
  readonly bytes: 1 | 2 | 4;
  readonly littleEndian: boolean;
}

/** Boxes that hold others, and how many bytes of their own come first (ISO/IEC 14496-12). */
const CONTAINERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0, iinf: 6, dinf: 0, moov: 0, trak: 0 };
const [START_OF_SCAN, FIRST_ALONE, END_OF_IMAGE] = [0xda, 0xd0, 0xd9];

/** Takes a sound file apart. The pieces of a container follow it. */
export function piecesOf(format: ImageFormat, file: Buffer): Piece[] {
  return PARSERS[format](file);
}

const PARSERS: Readonly<Record<ImageFormat, (file: Buffer) => Piece[]>> = {
  jpeg: jpegSegments,
  png: pngChunks,
  gif: gifBlocks,
  webp: (file) => riffChunks(file, 12, file.length),
  tiff: tiffEntries,
  avif: (file) => boxes(file, 0, file.length),
  heic: (file) => boxes(file, 0, file.length),
};

function jpegSegments(file: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 2; at + 4 <= file.length; ) {
    const marker = file[at + 1] ?? 0;
    if (file[at] !== 0xff || (marker >= FIRST_ALONE && marker <= END_OF_IMAGE)) {
      at += 1;
      continue;
    }
    let end = at + 2 + file.readUInt16BE(at + 2);
    // Coded data has no length: it ends before the next marker that is not a restart.
    if (marker === START_OF_SCAN) while (end < file.length && !isMarker(file, end)) end += 1;
    pieces.push({
      name: `segment ${marker.toString(16)}`,
      start: at,
      dataAt: at + 4,
      end: Math.min(end, file.length),
      length: { at: at + 2, bytes: 2, littleEndian: false },
    });
    at = end;
  }
  return pieces;
}

function isMarker(file: Buffer, at: number): boolean {
  const next = file[at + 1] ?? 0;
  return file[at] === 0xff && next !== 0 && !(next >= FIRST_ALONE && next < FIRST_ALONE + 8);
}

function pngChunks(file: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    pieces.push({
      name: file.toString('latin1', at + 4, at + 8),
      start: at,
      dataAt: at + 8,
      end,
      length: { at, bytes: 4, littleEndian: false },
    });
    at = end;
  }
  return pieces;
}

function gifBlocks(file: Buffer): Piece[] {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(file[10] ?? 0);
  const pieces: Piece[] = [{ name: 'screen', start: 6, dataAt: 6, end: at }];
  while (at < file.length && file[at] !== 0x3b) {
    const start = at;
    const isFrame = file[at] === 0x2c;
    at += isFrame ? 10 + tableBytes(file[at + 9] ?? 0) + 1 : 2;
    const dataAt = at;
    for (let length = file[at] ?? 0; length > 0; length = file[at] ?? 0) at += 1 + length;
    at += 1;
    const name = isFrame ? 'frame' : 'extension';
    pieces.push({ name, start, dataAt, end: at, length: { at: dataAt, bytes: 1, littleEndian: true } });
  }
  return pieces;
}

function riffChunks(file: Buffer, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at + 8 <= to; ) {
    const name = file.toString('latin1', at, at + 4);
    const bytes = file.readUInt32LE(at + 4);
    const end = Math.min(to, at + 8 + bytes + (bytes % 2));
    pieces.push({ name, start: at, dataAt: at + 8, end, length: { at: at + 4, bytes: 4, littleEndian: true } });
    if (name === 'ANMF') pieces.push(...riffChunks(file, at + 8 + 16, end));
    at = end;
  }
  return pieces;
}

function boxes(file: Buffer, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at + 8 <= to; ) {
    const name = file.toString('latin1', at + 4, at + 8);
    const end = Math.min(to, at + file.readUInt32BE(at)) || to;
    if (end < at + 8) break;
    pieces.push({ name, start: at, dataAt: at + 8, end, length: { at, bytes: 4, littleEndian: false } });
    const own = CONTAINERS[name];
    if (own !== undefined) pieces.push(...boxes(file, at + 8 + own, end));
    at = end;
  }
  return pieces;
}

/** The entries of all directories. The length of an entry is its count of values. */
function tiffEntries(file: Buffer): Piece[] {
  const littleEndian = file[0] === 0x49;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const big = view.getUint16(2, littleEndian) === 43;
  const offset = (at: number) => (big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian));
  const [countBytes, entryBytes, offsetBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const pieces: Piece[] = [];
  const seen = new Set<number>();
  for (let at = offset(offsetBytes); at > 0 && at + countBytes < file.length && !seen.has(at); ) {
    seen.add(at);
    const count = big ? offset(at) : view.getUint16(at, littleEndian);
    for (let index = 0; index < count; index += 1) {
      const start = at + countBytes + index * entryBytes;
      pieces.push({
        name: `tag ${view.getUint16(start, littleEndian)}`,
        start,
        dataAt: start + 4 + offsetBytes,
        end: start + entryBytes,
        // The low half of a BigTIFF's count, in either byte order.
        length: { at: start + (big && !littleEndian ? 8 : 4), bytes: 4, littleEndian },
      });
    }
    at = offset(at + countBytes + count * entryBytes);
  }
  return pieces;
}

/** Gives every chunk of a PNG that still has its place the right checksum. */
export function repairChecksums(file: Buffer): Buffer {
  const repaired = Buffer.from(file);
  for (let at = 8; at + 12 <= repaired.length; ) {
    const end = at + 12 + repaired.readUInt32BE(at);
    if (end > repaired.length) break;
    repaired.writeUInt32BE(crc32(repaired.subarray(at + 4, end - 4)), end - 4);
    at = end;
  }
  return repaired;
}
