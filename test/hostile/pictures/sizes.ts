import type { ImageFormat } from '../../../classifier/decode/image.ts';
import type { Random } from '../random.ts';
import { piecesOf, repairChecksums } from './pieces.ts';

/** Widths and heights that a header may claim. */
const SIDES = [0, 1, 2, 3, 15, 16, 17, 27, 63, 64, 255, 256, 1000, 4096, 16_383, 16_384, 65_535];
/** Where a field is longer than 16 bits. */
const LONG_SIDES = [...SIDES, 65_536, 1_000_000, 10_000_001, 0x7fffffff, 0x80000000, 0xffffffff];

type Claim = (file: Buffer, random: Random) => void;

/** Makes a file claim another width or height than it has. */
export function claimSize(format: ImageFormat, bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  CLAIMS[format](changed, random);
  return format === 'png' ? repairChecksums(changed) : changed;
}

const CLAIMS: Readonly<Record<ImageFormat, Claim>> = {
  jpeg: (file, random) => {
    for (const { name, dataAt } of piecesOf('jpeg', file)) {
      if (/^segment c[0-35-79-bd-f]$/.test(name)) putBoth(file, dataAt + 1, random);
    }
  },
  png: (file, random) => {
    file.writeUInt32BE(random.oneOf(LONG_SIDES), 16);
    if (random.isChance(0.5)) file.writeUInt32BE(random.oneOf(LONG_SIDES), 20);
    if (random.isChance(0.5)) file[24] = random.oneOf([1, 2, 4, 8, 16, 3]);
    if (random.isChance(0.5)) file[25] = random.oneOf([0, 2, 3, 4, 6, 1]);
    if (random.isChance(0.5)) file[28] = random.oneOf([0, 1, 2]);
  },
  gif: (file, random) => {
    if (random.isChance(0.6)) for (const at of [6, 8]) file.writeUInt16LE(random.oneOf(SIDES), at);
    for (const { name, start } of piecesOf('gif', file)) {
      if (name !== 'frame' || random.isChance(0.4)) continue;
      for (const at of [1, 3, 5, 7]) if (random.isChance(0.5)) file.writeUInt16LE(random.oneOf(SIDES), start + at);
    }
  },
  webp: (file, random) => {
    for (const { name, dataAt } of piecesOf('webp', file)) {
      const side = () => Math.max(0, random.oneOf(SIDES) - 1);
      if (name === 'VP8X') for (const at of [4, 7]) file.writeUIntLE(side(), dataAt + at, 3);
      if (name === 'VP8 ') for (const at of [6, 8]) file.writeUInt16LE(random.oneOf(SIDES), dataAt + at);
      if (name === 'VP8L') file.writeUInt32LE(((side() & 0x3fff) | ((side() & 0x3fff) << 14)) >>> 0, dataAt + 1);
      if (name === 'ANMF') for (const at of [0, 3, 6, 9]) file.writeUIntLE(side(), dataAt + at, 3);
    }
  },
  tiff: (file, random) => {
    const littleEndian = file[0] === 0x49;
    const sizes = new Set(['tag 256', 'tag 257', 'tag 258', 'tag 277', 'tag 278', 'tag 322', 'tag 323']);
    for (const { name, dataAt, end } of piecesOf('tiff', file)) {
      if (!sizes.has(name) || random.isChance(0.5)) continue;
      const value = random.oneOf(LONG_SIDES);
      const bytes = end - dataAt === 8 ? 6 : 4;
      if (littleEndian) file.writeUIntLE(value, dataAt, bytes);
      else file.writeUIntBE(value, end - bytes, bytes);
    }
  },
  avif: claimExtents,
  heic: claimExtents,
};

/** Changes `ispe`, and some of what the bitstream's own header says. */
function claimExtents(file: Buffer, random: Random): void {
  for (const { name, dataAt } of piecesOf('heic', file)) {
    if (name === 'ispe') for (const at of [4, 8]) file.writeUInt32BE(random.oneOf(LONG_SIDES), dataAt + at);
    if (name === 'hvcC' || name === 'av1C') file[dataAt + random.below(20)] = random.below(256);
    if (name === 'mdat' && random.isChance(0.3)) file[dataAt + random.below(12)] = random.below(256);
  }
}

function putBoth(file: Buffer, at: number, random: Random): void {
  file.writeUInt16BE(random.oneOf(SIDES), at);
  if (random.isChance(0.5)) file.writeUInt16BE(random.oneOf(SIDES), at + 2);
}
