import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import {
  ImageTooLargeError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedFormatError,
} from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';
import { gradient, patches } from './drawn.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const decode = (bytes: Uint8Array, limits = {}) => decodeImage(bytes, PREPROCESSING, limits);

test('an image at exactly the byte limit is accepted, one byte more is not', async () => {
  const bytes = await gradient(40, 30).png().toBuffer();

  await expect(decode(bytes, { maxBytes: bytes.length })).resolves.toBeDefined();
  await expect(decode(bytes, { maxBytes: bytes.length - 1 })).rejects.toThrow(ImageTooLargeError);
});

test('an image at exactly the pixel limit is accepted, one pixel more is not', async () => {
  const bytes = await gradient(40, 30).png().toBuffer();

  await expect(decode(bytes, { maxPixels: 1200 })).resolves.toBeDefined();
  await expect(decode(bytes, { maxPixels: 1199 })).rejects.toThrow(TooManyPixelsError);
});

test('an AVIF may have three tenths of the pixels, because it takes three times the memory', async () => {
  const bytes = await gradient(40, 30).avif().toBuffer();

  await expect(decode(bytes, { maxPixels: 4000 })).resolves.toBeDefined();
  await expect(decode(bytes, { maxPixels: 3996 })).rejects.toThrow('1200 pixels, more than the limit of 1199');
});

test('an image whose header gives more pixels than the limit is rejected before decoding', async () => {
  const bytes = Buffer.from(await gradient(40, 30).png().toBuffer());
  bytes.writeUInt32BE(100_001, 16);
  bytes.writeUInt32BE(1_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);

  await expect(decode(bytes)).rejects.toThrow(TooManyPixelsError);
});

test.each([
  [1, 1_000_001],
  [1_000_001, 1],
])('%i x %i pixels are rejected before decoding: such a side would take seconds', async (width, height) => {
  const bytes = Buffer.from(await gradient(40, 30).png().toBuffer());
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);

  await expect(decode(bytes)).rejects.toThrow('no side may be longer than 1000000');
});

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
  '%s is truncated wherever it is cut, below what is used of a tall picture too',
  async (format) => {
    const pixels = patches(150, 600);
    const bytes = await sharp(pixels, { raw: { width: 150, height: 600, channels: 3 } })
      [format]()
      .toBuffer();

    for (const share of [0.02, 0.5, 0.8, 0.9, 0.99]) {
      await expect(decode(bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toThrow(TruncatedImageError);
    }
  },
);

test('a JPEG that lacks only its end marker counts as incomplete', async () => {
  const bytes = await gradient(300, 260).jpeg().toBuffer();

  await expect(decode(bytes.subarray(0, -2))).rejects.toThrow(TruncatedImageError);
});

test("the error repeats only the first line of libvips' message", async () => {
  const bytes = await gradient(300, 260).avif().toBuffer();

  await expect(decode(bytes.subarray(0, 400))).rejects.toThrow(
    /^the avif image is incomplete or damaged \([^\n]*\)\. Try again with a complete copy of the file\.$/,
  );
});

test.each([
  [5, 2, '5 channels (srgb)'],
  [4, 1, '4 channels (b-w)'],
  [1, 2, '1 channels (multiband)'],
  [40, 1, '40 channels (b-w)'],
])(
  'a TIFF of %i channels, photometric interpretation %i, is a kind that is not decoded',
  async (channels, photometric, found) => {
    const refusal = decode(plainTiff(channels, photometric));

    await expect(refusal).rejects.toThrow(UnsupportedFormatError);
    await expect(refusal).rejects.toThrow(found);
  },
);

test.each([
  ['text', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(100)],
  ['an HTML page', Buffer.from('<!doctype html><html></html>')],
])('%s is not an image', async (_title, bytes) => {
  await expect(decode(bytes)).rejects.toThrow(NotAnImageError);
});

test('a file that is rejected by its leading bytes never reaches sharp', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');

  await expect(sharp(svg).metadata()).resolves.toMatchObject({ format: 'svg' });
  await expect(decode(svg)).rejects.toThrow(UnsupportedFormatError);
});

test("a file with one format's leading bytes and another format's content is an error that names both", async () => {
  const bytes = Buffer.concat([Buffer.from('\0\0\0\x18ftypavif\0\0\0\0avifmif1', 'latin1'), Buffer.alloc(40)]);

  await expect(decode(bytes)).rejects.toThrow(TruncatedImageError);
});

/** Writes an uncompressed TIFF of 8 x 8 pixels with 8 bits per channel. */
function plainTiff(channels: number, photometric: number): Buffer {
  const side = 8;
  const [shortType, longType] = [3, 4];
  const fields = 8;
  const bitsAt = 8 + 2 + fields * 12 + 4;
  const dataAt = bitsAt + channels * 2;
  const dataLength = side * side * channels;
  const bytes = Buffer.alloc(dataAt + dataLength, 128);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(fields, 8);
  const entries = [
    [256, longType, 1, side],
    [257, longType, 1, side],
    [258, shortType, channels, channels > 2 ? bitsAt : 0x00080008],
    [259, longType, 1, 1],
    [262, longType, 1, photometric],
    [273, longType, 1, dataAt],
    [277, longType, 1, channels],
    [279, longType, 1, dataLength],
  ] as const;
  for (const [place, [tag, type, count, value]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 10 + place * 12);
    bytes.writeUInt16LE(type, 12 + place * 12);
    bytes.writeUInt32LE(count, 14 + place * 12);
    bytes.writeUInt32LE(value, 18 + place * 12);
  }
  bytes.writeUInt32LE(0, 10 + fields * 12);
  for (let channel = 0; channel < channels; channel += 1) bytes.writeUInt16LE(8, bitsAt + channel * 2);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
