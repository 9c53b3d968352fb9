import fc from 'fast-check';
import { compareKeys, SortedKeys } from '../../../../local/s3/store/sorted-keys.ts';

const SEED = 20_261_124;
const KEY = fc.string({ unit: 'binary', maxLength: 4 });

test('keys are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(KEY, KEY, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    {
      seed: SEED,
      numRuns: 2000,
      examples: [
        ['\u{1f600}', '\uffee'],
        ['a', 'a/b'],
        ['', 'a'],
      ],
    },
  );
});

test('keys stay sorted and unique while they are added and deleted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ü'), maxLength: 3 }))),
      (changes) => {
        const keys = new SortedKeys([]);
        const expected = new Set<string>();
        for (const [isAdded, key] of changes) {
          if (isAdded) keys.add(key);
          else keys.delete(key);
          if (isAdded) expected.add(key);
          else expected.delete(key);
        }
        expect(keys.snapshot()).toEqual([...expected].sort(compareKeys));
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});

test('the index after a prefix is after all keys that start with it', () => {
  const keys = new SortedKeys(['a', 'b', 'b/', 'b/1', 'b/2/3', 'b0', 'c']);

  expect(keys.at(keys.indexAfterPrefix('b/'))).toBe('b0');
  expect(keys.at(keys.indexAfterPrefix('b'))).toBe('c');
  expect(keys.at(keys.indexAfterPrefix('x'))).toBeUndefined();
});
