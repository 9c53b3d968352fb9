import fc from 'fast-check';
import {
  listCursor,
  newestCursor,
  readListCursor,
  readNewestCursor,
  readSearchCursor,
  searchCursor,
} from '../../../functions/api/cursor.ts';
import { InvalidParameterError } from '../../../functions/api/errors.ts';

const SEED = 20_261_125;

const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 300 })
  .map((text) => Buffer.from(text).toString())
  .filter((text) => Buffer.byteLength(text) <= 1024);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const source = fc.record({
  id: fc.string({ unit: 'binary' }),
  within: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: 2 })),
});
const search = fc.record({ sources: fc.array(source, { maxLength: 3 }), minProbability: share });
const place = fc.record({
  probability: share,
  shard: fc.integer({ min: 0, max: 399 }),
  rank: fc.integer({ min: 1, max: 5 }),
  key,
});

const timePlace = fc.record({
  lastModified: fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  shard: fc.integer({ min: 0, max: 3 }),
  key,
});

test('a cursor of the newest images leads back to its place, and fits into a URL', () => {
  fc.assert(
    fc.property(timePlace, (at) => {
      const cursor = newestCursor(at);

      expect(cursor).toMatch(/^[\w.-]+$/);
      expect(cursor.length).toBeLessThanOrEqual(4096);
      expect(readNewestCursor(cursor)).toEqual(at);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('a cursor leads back to its place, and fits into a URL', () => {
  fc.assert(
    fc.property(search, place, (of, at) => {
      const cursor = searchCursor(of, at);

      expect(cursor).toMatch(/^[\w.-]+$/);
      expect(cursor.length).toBeLessThanOrEqual(4096);
      expect(readSearchCursor(of, cursor)).toEqual(at);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('of another search it is refused', () => {
  fc.assert(
    fc.property(search, search, place, (one, other, at) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(() => readSearchCursor(other, searchCursor(one, at))).toThrow(InvalidParameterError);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test('a key leads back to itself, at its longest too', () => {
  fc.assert(
    fc.property(fc.oneof(key, fc.constant('\u0001'.repeat(1024))), (last) => {
      expect(readListCursor(listCursor(last))).toBe(last);
      expect(listCursor(last).length).toBeLessThanOrEqual(4096);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('any other text is a cursor of ours, or is refused with an error that names the parameter', () => {
  const near = fc
    .tuple(search, place, fc.nat(), fc.string({ maxLength: 3 }))
    .map(([of, at, cut, added]) => searchCursor(of, at).slice(0, cut % 80) + added);
  const json = fc.json().map((text) => `${Buffer.from(text).toString('base64url')}.YQ`);
  fc.assert(
    fc.property(search, fc.oneof(fc.string({ unit: 'binary' }), near, json), (of, text) => {
      for (const read of [() => readSearchCursor(of, text), () => readListCursor(text), () => readNewestCursor(text)]) {
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidParameterError);
          expect(error).toMatchObject({ members: { parameter: 'cursor' } });
        }
      }
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
