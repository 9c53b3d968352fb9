import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { UnsupportedFormatError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
const SIGNATURE_BYTES = 8;

test('a PNG that Xcode optimized is refused by name, not as damaged', async () => {
  const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  // Length 4, the name, four bytes of options, and a checksum that nothing reads.
  const chunk = Buffer.from('\0\0\0\x04CgBI\x50\0\x20\x02\0\0\0\0', 'latin1');
  const bytes = Buffer.concat([png.subarray(0, SIGNATURE_BYTES), chunk, png.subarray(SIGNATURE_BYTES)]);

  const refusal = decodeImage(bytes, PREPROCESSING);

  await expect(refusal).rejects.toThrow(UnsupportedFormatError);
  await expect(refusal).rejects.toThrow(/CgBI.*Convert it to an ordinary PNG or JPEG/);
});
