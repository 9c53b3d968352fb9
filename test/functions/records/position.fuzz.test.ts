import fc from 'fast-check';
import { comparePositions, LOWEST_POSITION, type Stage, toPosition } from '../../../functions/records/position.ts';

const SEED = { seed: 20261124 };
const digits = fc.array(fc.constantFrom(...'0123456789ABCDEFabcdef'), { minLength: 1, maxLength: 24 });
const sequencer = digits.map((list) => list.join(''));
const stage = fc.constantFrom<Stage>(0, 1);
const position = fc.tuple(sequencer, stage).map(([text, number]) => toPosition(text, number));

/** S3's rule as its documentation words it: pad the shorter on the right with zeros, then compare as text. */
function compareAsS3(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((text) => text.toUpperCase().padEnd(length, '0'));
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}

test('sequencers compare as S3 says, whatever their lengths', () => {
  fc.assert(
    fc.property(sequencer, sequencer, (a, b) => {
      expect(comparePositions(toPosition(a, 0), toPosition(b, 0))).toBe(compareAsS3(a, b));
    }),
    SEED,
  );
});

test('zeros at the right end change nothing', () => {
  fc.assert(
    fc.property(sequencer, fc.integer({ min: 0, max: 20 }), (text, zeros) => {
      expect(toPosition(text + '0'.repeat(zeros), 0)).toEqual(toPosition(text, 0));
    }),
    SEED,
  );
});

test('text order, which is the table’s, is the order of positions', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const order = a.sequencer === b.sequencer ? a.stage - b.stage : a.sequencer < b.sequencer ? -1 : 1;
      expect(Math.sign(comparePositions(a, b))).toBe(Math.sign(order));
    }),
    SEED,
  );
});

test('the order is total: antisymmetric, transitive, and equal only for equals', () => {
  fc.assert(
    fc.property(position, position, position, (a, b, c) => {
      expect(Math.sign(comparePositions(a, b))).toBe(0 - Math.sign(comparePositions(b, a)));
      const sorted = [a, b, c].sort(comparePositions);
      const [first, second, third] = sorted;
      if (first === undefined || second === undefined || third === undefined) throw new TypeError('three were given');
      expect(comparePositions(first, second)).toBeLessThanOrEqual(0);
      expect(comparePositions(second, third)).toBeLessThanOrEqual(0);
      expect(comparePositions(first, third)).toBeLessThanOrEqual(0);
      expect(comparePositions(a, b) === 0).toBe(a.sequencer === b.sequencer && a.stage === b.stage);
    }),
    SEED,
  );
});

test('nothing is before the lowest position', () => {
  fc.assert(
    fc.property(position, (any) => {
      expect(comparePositions(LOWEST_POSITION, any)).toBeLessThanOrEqual(0);
    }),
    SEED,
  );
});

test.each([
  ['0055AED6DCD90281E5', '0055AED6DCD90281E6', -1],
  ['0055AED6DCD90281E5', '0055AED6DCD90281E500', 0],
  ['0055AED6DCD90281E5', '0055AED6DCD90281E501', -1],
  // Padded on the left, the shorter would be the earlier.
  ['0066', '005511', 1],
  ['00aB', '00Ab', 0],
])('%s against %s: %d', (a, b, order) => {
  expect(comparePositions(toPosition(a, 0), toPosition(b, 0))).toBe(order);
});

test('of one event the heavy model’s result is the later', () => {
  expect(comparePositions(toPosition('0A', 1), toPosition('0A', 0))).toBeGreaterThan(0);
  expect(comparePositions(toPosition('0B', 0), toPosition('0A', 1))).toBeGreaterThan(0);
});
