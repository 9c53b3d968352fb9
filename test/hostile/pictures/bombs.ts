import { createRequire } from 'node:module';
import { crc32, deflateSync } from 'node:zlib';
import type sharpType from 'sharp';
import { DEFAULT_MAX_BYTES } from '../../../classifier/decode/limits.ts';
import { GREY, ICC_LAB, RGB } from '../../classifier/decode/tiff/drawn-tiff.ts';
import { writeTiff } from '../../classifier/decode/tiff/write-tiff.ts';
import { progressiveJpeg } from './progressive-jpeg.ts';
import { repeatedTiff } from './repeated-tiff.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** Exactly as many pixels as are permitted. */
const SIDE = 10_000;
const LARGE = {
  create: { width: SIDE, height: SIDE, channels: 3, background: 'grey' },
  limitInputPixels: false,
} as const;
/** As many as an AVIF may have. */
const LARGE_AVIF = { ...LARGE, create: { ...LARGE.create, width: 5_400, height: 5_500 } } as const;
const TIFF = { width: SIDE, height: SIDE, bits: 8, samples: 1, photometric: GREY } as const;
/** As many pixels as a TIFF may have that is converted sample by sample. */
const CONVERTED = { ...TIFF, width: 5_400, height: 5_500 } as const;
const NEARLY_MAX_BYTES = 0.9 * DEFAULT_MAX_BYTES;
const GIF_HEAD = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
const GIF_FRAME = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);

/**
 * Files that ask for as much work and memory as they can: within the limits, or claiming to be. Few
 * bytes stand for many pixels, or many bytes for many small parts.
 */
export const BOMBS: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  'png of 100 megapixels, 16 bits, interlaced': () =>
    png({ width: SIDE, height: SIDE, bits: 16, kind: 6, interlaced: true }),
  'png of one column': () => png({ width: 1, height: 100_000_000, bits: 8, kind: 0 }),
  'png of one row': () => png({ width: 100_000_000, height: 1, bits: 8, kind: 0 }),
  'png of the longest permitted column': () => png({ width: 100, height: 1_000_000, bits: 8, kind: 2 }),
  'png that claims more than it has': () =>
    png({ width: 0x7fffffff, height: 0x7fffffff, bits: 16, kind: 6, dataBytes: 9 }),
  'png with a profile of 400 MB': () => png({ ...SMALL, before: chunk('iCCP', swollen()) }),
  'png with a text of 400 MB': () => png({ ...SMALL, before: chunk('zTXt', swollen()) }),
  'png with 3 million texts': () => png({ ...SMALL, before: fill(chunk('tEXt', Buffer.from('a\0b'))) }),
  'jpeg of 100 megapixels': () => sharp(LARGE).jpeg().toBuffer(),
  'jpeg of 100 megapixels, progressive': () => sharp(LARGE).jpeg({ progressive: true }).toBuffer(),
  'jpeg of 100 megapixels in 896 scans': () => progressiveJpeg(SIDE, SIDE),
  'jpeg of 4 megapixels in 896 scans': () => progressiveJpeg(2_000, 2_000),
  'jpeg of 65,535 x 1,525 in 896 scans': () => progressiveJpeg(65_535, 1_525),
  'webp of 100 megapixels': () => sharp(LARGE).webp({ effort: 0 }).toBuffer(),
  'webp of 100 megapixels in 38 bytes': () => sharp(LARGE).webp({ lossless: true, effort: 0 }).toBuffer(),
  'gif of 3 million frames': () => Buffer.concat([GIF_HEAD, fill(GIF_FRAME), Buffer.of(0x3b)]),
  'gif of 15 million comments before its frame': () =>
    Buffer.concat([GIF_HEAD, fill(Buffer.of(0x21, 0xfe, 0)), GIF_FRAME, Buffer.of(0x3b)]),
  'gif of 100 megapixels': () => sharp(LARGE).gif({ effort: 1 }).toBuffer(),
  'avif of 30 megapixels': () => sharp(LARGE_AVIF).avif({ effort: 0 }).toBuffer(),
  'tiff of 100 megapixels, deflate': () => sharp(LARGE).tiff({ compression: 'deflate' }).toBuffer(),
  'tiff of 100 megapixels, tiles': () => sharp(LARGE).tiff({ compression: 'deflate', tile: true }).toBuffer(),
  'tiff of 100 megapixels, jpeg': () => sharp(LARGE).tiff({ compression: 'jpeg' }).toBuffer(),
  'tiff of 100 megapixels, 31 bits': () => repeatedTiff({ ...TIFF, bits: 31 }),
  'tiff of 30 megapixels, 31 bits': () => repeatedTiff({ ...CONVERTED, bits: 31 }),
  'tiff of 30 megapixels, 32 bits floating point': () => repeatedTiff({ ...CONVERTED, bits: 32, format: 3 }),
  'tiff of 30 megapixels, L*a*b*': () => repeatedTiff({ ...CONVERTED, samples: 3, photometric: ICC_LAB }),
  'tiff of 30 megapixels, RGB and associated alpha': () =>
    repeatedTiff({ ...CONVERTED, samples: 4, photometric: RGB, extras: [1] }),
  'tiff of 30 megapixels, RGB of 12 bits': () => repeatedTiff({ ...CONVERTED, samples: 3, photometric: RGB, bits: 12 }),
  'tiff of 6 million tiles': () => repeatedTiff({ ...TIFF, width: 2_400, height: 2_400, tile: 1, bits: 32 }),
  'tiff of a million strips': () => repeatedTiff({ ...TIFF, width: 100, height: 1_000_000, rows: 1 }),
  'tiff of 65,535 planes': () =>
    repeatedTiff({ ...TIFF, width: 1, height: 1, samples: 65_535, photometric: RGB, planar: true }),
  'tiff of 500,000 directories': () => tiffChain(500_000),
  'tiff whose directories form a circle': () => tiffChain(2, true),
};

const SMALL = { width: 8, height: 8, bits: 8, kind: 2 } as const;

interface Png {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** PNG's colour type. */
  readonly kind: 0 | 2 | 6;
  readonly interlaced?: boolean;
  /** How many bytes of zeros are compressed. Default: what the picture needs, or a little more. */
  readonly dataBytes?: number;
  /** Chunks before the data. */
  readonly before?: Buffer;
}

export function png({ width, height, bits, kind, interlaced = false, dataBytes, before }: Png): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([bits, kind, 0, 0, interlaced ? 1 : 0], 8);
  const rowBytes = Math.ceil((width * bits * { 0: 1, 2: 3, 6: 4 }[kind]) / 8) + 1;
  const zeros = Buffer.alloc(dataBytes ?? rowBytes * height + (interlaced ? 2 * height : 0));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    before ?? Buffer.alloc(0),
    chunk('IDAT', deflateSync(zeros, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(name, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** The name of a profile or text, and 400 MB of zeros in 0.4. */
function swollen(): Buffer {
  return Buffer.concat([Buffer.from('x\0\0', 'latin1'), deflateSync(Buffer.alloc(400_000_000), { level: 9 })]);
}

function fill(part: Buffer): Buffer {
  return Buffer.alloc(part.length * Math.floor(NEARLY_MAX_BYTES / part.length), part);
}

/** A small TIFF whose directory is repeated, each pointing at the next one. */
function tiffChain(count: number, isCircle = false): Buffer {
  const first = writeTiff({ width: 4, height: 4, bits: 8, samples: 3, photometric: RGB }, () => 100);
  const start = first.readUInt32LE(4);
  const length = 2 + 12 * first.readUInt16LE(start) + 4;
  const directory = first.subarray(start, start + length);
  const chain = Buffer.alloc(length * Math.min(count, Math.floor(NEARLY_MAX_BYTES / length)), directory);
  for (let at = 0; at < chain.length; at += length) {
    const isLast = at + length === chain.length;
    const next = isLast ? (isCircle ? start : 0) : first.length + at + length;
    chain.writeUInt32LE(next, at + length - 4);
  }
  first.writeUInt32LE(first.length, start + length - 4);
  return Buffer.concat([first, chain]);
}
