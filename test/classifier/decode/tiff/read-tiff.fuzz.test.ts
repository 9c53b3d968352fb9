import fc from 'fast-check';
import { readTiff } from '../../../../classifier/decode/tiff/read-tiff.ts';
import { ImageError } from '../../../../classifier/errors.ts';
import { type TiffOptions, writeTiff } from './write-tiff.ts';

const LIMITS = { maxPixels: 100_000 };
const WIDTH = 21;
const HEIGHT = 17;

/** Largest numbers that a damaged or hostile directory may hold. */
const NUMBERS = fc.oneof(
  fc.nat(40),
  fc.constantFrom(0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.nat(0xffff_ffff),
);

/** Reads bytes as a TIFF: sharp has something to read, or there is an ImageError. */
async function readsOrRejects(bytes: Uint8Array): Promise<void> {
  const before = bytes.slice();
  const outcome = await readTiff(bytes, LIMITS).catch((error: unknown) => error);
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImageError);
  else expect(outcome).toHaveProperty('bytes');
  expect(Buffer.compare(bytes, before)).toBe(0);
}

const OPTIONS: fc.Arbitrary<TiffOptions> = fc
  .record({
    bits: fc.constantFrom(4, 8, 12, 16, 32, 64),
    samples: fc.integer({ min: 1, max: 5 }),
    photometric: fc.constantFrom(0, 1, 2, 3, 5, 6, 8, 9),
    format: fc.constantFrom(1, 2, 3),
    bigEndian: fc.boolean(),
    bigTiff: fc.boolean(),
    planar: fc.boolean(),
    tile: fc.option(fc.constantFrom(3, 16), { nil: undefined }),
    deflate: fc.boolean(),
  })
  .map(({ tile, ...others }) => ({ width: WIDTH, height: HEIGHT, ...others, ...(tile && { tile }) }) as TiffOptions);

test('whatever a directory describes is read or rejected by name', async () => {
  await fc.assert(
    fc.asyncProperty(OPTIONS, (options) => readsOrRejects(writeTiff(options, (x, y) => (x + y) % 16))),
    { seed: 1, numRuns: 150 },
  );
});

test('a directory with changed entries is read or rejected by name', async () => {
  const change = fc.record({ entry: fc.nat(12), part: fc.constantFrom(0, 2, 4, 8), value: NUMBERS });

  await fc.assert(
    fc.asyncProperty(OPTIONS, fc.array(change, { minLength: 1, maxLength: 3 }), (options, changes) => {
      const bytes = writeTiff({ ...options, bigEndian: false, bigTiff: false }, (x, y) => (x * y) % 16);
      for (const { entry, part, value } of changes) {
        const at = 18 + entry * 12 + part;
        if (part < 4) bytes.writeUInt16LE(value % 65_536, at);
        else bytes.writeUInt32LE(value, at);
      }
      return readsOrRejects(bytes);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test('random bytes behind the signature are read or rejected by name', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('II*\0', 'MM\0*', 'II+\0\x08\0\0\0', 'MM\0+\0\x08\0\0'),
      fc.uint8Array({ maxLength: 300 }),
      (magic, rest) => readsOrRejects(Buffer.concat([Buffer.from(magic, 'latin1'), rest])),
    ),
    { seed: 3, numRuns: 300 },
  );
});

test.each([
  ['a directory that lies in itself', [[4, 4, 4]]],
  ['four billion entries of offsets', [[18 + 5 * 12 + 4, 0xffff_ffff, 4]]],
  [
    'a width and height of four billion',
    [
      [26, 0xffff_ffff, 4],
      [38, 0xffff_ffff, 4],
    ],
  ],
] as const)('%s', async (_title, patches) => {
  const bytes = writeTiff({ width: 21, height: 17, bits: 32, samples: 1, photometric: 1 }, (x) => x);
  for (const [at, value] of patches) bytes.writeUInt32LE(value, at);

  await readsOrRejects(bytes);
});
