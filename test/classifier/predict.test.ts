import fc from 'fast-check';
import { predict } from '../../classifier/predict.ts';

const LABELS = ['a', 'b', 'c', 'd'].map((label, index) => ({ label, wnid: index === 0 ? 'n00000001' : null }));

test('probabilities are the softmax of the logits, best first, with label, wnid and index', () => {
  const [first, second, ...others] = predict(Float32Array.of(0, Math.log(3), Number.NEGATIVE_INFINITY, 0), LABELS, 2);

  expect(others).toEqual([]);
  expect(first).toEqual({ rank: 1, label: 'b', wnid: null, index: 1, probability: expect.closeTo(0.6, 6) });
  expect(second).toEqual({ rank: 2, label: 'a', wnid: 'n00000001', index: 0, probability: expect.closeTo(0.2, 6) });
});

test('large logits do not overflow', () => {
  expect(predict(Float32Array.of(1e30, 1e30, -1e30, 0), LABELS, 2).map(({ probability }) => probability)).toEqual([
    0.5, 0.5,
  ]);
});

test('when two logits are equal, the lower index comes first', () => {
  expect(predict(Float32Array.of(1, 2, 2, 1), LABELS, 4).map(({ index }) => index)).toEqual([1, 2, 0, 3]);
});

test('asking for more predictions than classes gives all classes', () => {
  expect(predict(Float32Array.of(1, 2, 3, 4), LABELS, 99)).toHaveLength(4);
});

test('probabilities are between 0 and 1, sum to 1 and fall from rank to rank; the logits are unchanged', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, noDefaultInfinity: true }), (logits) => {
      const before = logits.slice();
      const probabilities = predict(logits, LABELS, 4).map(({ probability }) => probability);

      expect(probabilities.every((one) => one >= 0 && one <= 1)).toBe(true);
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      expect(logits).toEqual(before);
    }),
    { seed: 3, numRuns: 300 },
  );
});
