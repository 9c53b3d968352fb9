import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { TruncatedImageError, UnsupportedFormatError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const SIGNATURE_BYTES = 8;

function drawPng(): Promise<Buffer> {
  return sharp({ create: { width: 90, height: 90, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
}

test('a PNG that Xcode optimized is refused by name, not as damaged', async () => {
  const png = await drawPng();
  // Length 4, the name, four bytes of options, and a checksum that nothing reads.
  const chunk = Buffer.from('\0\0\0\x04CgBI\x50\0\x20\x02\0\0\0\0', 'latin1');
  const bytes = Buffer.concat([png.subarray(0, SIGNATURE_BYTES), chunk, png.subarray(SIGNATURE_BYTES)]);

  const refusal = decodeImage(bytes, PREPROCESSING);

  await expect(refusal).rejects.toThrow(UnsupportedFormatError);
  await expect(refusal).rejects.toThrow(/CgBI.*Convert it to an ordinary PNG or JPEG/);
});

test.each([
  ['cut within its data', (png: Buffer) => png.subarray(0, png.indexOf('IDAT') + 30), 'premature end in chunk IDAT'],
  ['cut between two chunks', (png: Buffer) => png.subarray(0, png.indexOf('IDAT') - 4), 'premature end after chunk'],
  ['cut in its header', (png: Buffer) => png.subarray(0, 20), 'premature end in chunk IHDR'],
  [
    'changed',
    (png: Buffer) => {
      const changed = Buffer.from(png);
      changed[png.indexOf('IDAT') + 12] = 0;
      return changed;
    },
    'wrong checksum in chunk IDAT',
  ],
])('a PNG that is %s: the error says what is wrong', async (_title, change, reason) => {
  const refusal = decodeImage(change(await drawPng()), PREPROCESSING);

  await expect(refusal).rejects.toThrow(TruncatedImageError);
  await expect(refusal).rejects.toThrow(`(${reason}`);
});
