import fc from 'fast-check';
import { readGif } from '../../../classifier/decode/gif.ts';
import { checkJpeg } from '../../../classifier/decode/jpeg.ts';
import { checkPng, pngFault } from '../../../classifier/decode/png.ts';
import { ImageError } from '../../../classifier/errors.ts';

const LIMITS = { maxPixels: 100_000 };

/** Bytes of which many have a meaning in one of the headers. */
const HEADER_BYTES = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 0x21, 0x2c, 0x3b, 0xf9, 0xff, 0xc0, 0xc3, 0xd8, 0xda), fc.nat(255)), {
    maxLength: 200,
  })
  .map((bytes) => Uint8Array.from(bytes));

async function returnsOrRejects(check: () => unknown): Promise<void> {
  try {
    await check();
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
  }
}

test.each([
  ['JPEG', '\xff\xd8\xff', checkJpeg],
  ['PNG', '\x89PNG\r\n\x1a\n', checkPng],
  ['PNG, for its fault,', '\x89PNG\r\n\x1a\n', pngFault],
  ['GIF', 'GIF89a\x09\0\x09\0', (bytes: Uint8Array) => readGif(bytes, LIMITS)],
] as const)('a %s header of any bytes is read, or rejected by name', async (_format, magic, check) => {
  await fc.assert(
    fc.asyncProperty(HEADER_BYTES, (rest) =>
      returnsOrRejects(() => check(Buffer.concat([Buffer.from(magic, 'latin1'), rest]))),
    ),
    { seed: 1, numRuns: 300 },
  );
});
