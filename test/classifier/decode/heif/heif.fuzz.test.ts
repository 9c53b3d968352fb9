import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { BoxError, boxesIn } from '../../../../classifier/decode/heif/box-reader.ts';
import { readPrimaryPicture } from '../../../../classifier/decode/heif/primary-picture.ts';
import { MAX_ITEMS, readItems } from '../../../../classifier/decode/heif/read-items.ts';
import { ImageError, TooManyPixelsError } from '../../../../classifier/errors.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { box, grid, takeItems, text, u32, writeHeif } from './heif-writer.ts';

const MAX_PIXELS = 1_000_000;

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../fixtures/heic/${name}`, import.meta.url));
}

const FILES = [
  fixture('whole.heic'),
  fixture('alpha.heic'),
  writeHeif({
    primary: 9,
    items: [...takeItems(fixture('tiles.heic')), grid(9, 2, 2, { width: 200, height: 150 })],
    references: [['dimg', 9, [1, 2, 3, 4]]],
  }),
];
/** Coded data starts behind this; most changes belong before it, into the boxes. */
const BOXES_BYTES = 900;

/** A file of ours with some bytes of its boxes changed, and perhaps its end cut off. */
const changedFile = fc
  .record({
    file: fc.constantFrom(...FILES),
    changes: fc.array(fc.record({ at: fc.nat(BOXES_BYTES), value: fc.nat(255) }), { maxLength: 6 }),
    kept: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ file, changes, kept }) => {
    const bytes = Buffer.from(file);
    for (const { at, value } of changes) bytes[at % bytes.length] = value;
    return bytes.subarray(0, Math.floor(bytes.length * kept));
  });

test('boxes lie behind each other and within their parent, whatever the bytes are, or are a BoxError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, end) => {
      const within = { start: 0, end: Math.min(end, bytes.length) };
      let at = 0;
      for (const { start, end: boxEnd } of outcomeOf(() => boxesIn(bytes, within)) ?? []) {
        expect(start).toBeGreaterThanOrEqual(at + 8);
        expect(boxEnd).toBeGreaterThanOrEqual(start);
        at = boxEnd;
      }
      expect(at).toBeLessThanOrEqual(within.end);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('what is read of the boxes is bounded, and refused only by a BoxError or for its pixels', () => {
  fc.assert(
    fc.property(changedFile, (bytes) => {
      const items = outcomeOf(() => readItems(bytes));
      if (items === undefined) return;
      expect(items.items.size).toBeLessThanOrEqual(MAX_ITEMS);
      const picture = outcomeOf(() => readPrimaryPicture(bytes, items, MAX_PIXELS));
      for (const { size, extents } of [...(picture?.coded ?? []), ...(picture?.alpha ?? [])]) {
        expect(size.width * size.height).toBeLessThanOrEqual(MAX_PIXELS);
        for (const { end } of extents) expect(end).toBeLessThanOrEqual(bytes.length);
      }
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('a changed HEIC decodes or is an ImageError, and its bytes are left alone', async () => {
  await fc.assert(
    fc.asyncProperty(changedFile, async (bytes) => {
      const before = Buffer.from(bytes);
      const outcome = await decodeImage(bytes, PREPROCESSING, { maxPixels: MAX_PIXELS }).catch((error) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImageError);
      else expect(outcome).toMatchObject({ pixels: { length: 224 * 224 * 3 } });
      expect(bytes.equals(before)).toBe(true);
    }),
    { seed: 5, numRuns: 150 },
  );
});

test.each([
  ['a size of 8 bytes above 2^53', Buffer.concat([u32(1), text('meta'), Buffer.alloc(8, 255)])],
  ['a size smaller than its header', Buffer.concat([u32(7), text('meta')])],
  ['a box that ends behind the file', Buffer.concat([u32(100), text('meta'), Buffer.alloc(20)])],
  ['5000 empty boxes', Buffer.concat(Array(5000).fill(box('free')))],
])('%s is a BoxError', (_title, bytes) => {
  expect(() => boxesIn(bytes, { start: 0, end: bytes.length })).toThrow(BoxError);
});

/** Returns what a call returns, or undefined when it refuses as it may. */
function outcomeOf<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof TooManyPixelsError)) expect(error).toBeInstanceOf(BoxError);
    return undefined;
  }
}
