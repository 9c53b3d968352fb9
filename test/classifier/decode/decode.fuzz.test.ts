import { createRequire } from 'node:module';
import fc from 'fast-check';
import type sharpType from 'sharp';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { ImageError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../preprocessing.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
const MAGICS = [
  '\xff\xd8\xff',
  '\x89PNG\r\n\x1a\n',
  'GIF89a',
  'RIFF0000WEBP',
  'II*\0',
  '\0\0\0\x18ftypavif\0\0\0\0avif',
];

/** Checks that any bytes give either a decoded crop or an ImageError, and nothing else. */
async function decodesOrRejects(bytes: Uint8Array): Promise<void> {
  const before = bytes.slice();
  const outcome = await decodeImage(bytes, PREPROCESSING, { maxPixels: 1_000_000 }).catch((error: unknown) => error);
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImageError);
  else expect(outcome).toMatchObject({ pixels: { length: 224 * 224 * 3 } });
  expect(bytes).toEqual(before);
}

test('random bytes after each signature decode or are an ImageError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...MAGICS), fc.uint8Array({ maxLength: 400 }), (magic, rest) =>
      decodesOrRejects(Buffer.concat([Buffer.from(magic, 'latin1'), rest])),
    ),
    { seed: 1, numRuns: 200 },
  );
});

test.each(FORMATS)('%s with bytes changed and its end cut off decodes or is rejected by name', async (format) => {
  const noise = sharp({
    create: {
      width: 48,
      height: 40,
      channels: 3,
      background: 'teal',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });
  const whole = await noise[format]().toBuffer();
  const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });

  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
      const bytes = Buffer.from(whole);
      for (const { at, value } of changes) bytes[at] = value;
      return decodesOrRejects(bytes.subarray(0, changes.length > 4 ? length : whole.length));
    }),
    { seed: 2, numRuns: 60 },
  );
});
