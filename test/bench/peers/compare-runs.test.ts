import { findSlower, keyOf } from '../../../bench/peers/compare-runs.ts';
import type { Ratio } from '../../../bench/peers/rounds.ts';

const ratio = (median: number, scatter: number, network = 'resnet18'): Ratio => ({
  network,
  precision: 'int8',
  peer: 'transformers.js',
  peerPrecision: 'fp32',
  measure: 'small pictures',
  basis: 'cpu',
  median,
  low: median - scatter,
  high: median + scatter,
});

test.each([
  ['lower by more than both scatter', ratio(3, 0.1), ratio(2.7, 0.1), 1],
  ['lower by less than both scatter', ratio(3, 0.1), ratio(2.85, 0.1), 0],
  ['lower by 2%, though nothing scatters', ratio(3, 0), ratio(2.94, 0), 0],
  ['lower by 4%, though nothing scatters', ratio(3, 0), ratio(2.88, 0), 1],
  ['higher', ratio(3, 0.1), ratio(4, 0.1), 0],
  ['not in the earlier run', ratio(3, 0.1, 'resnet50'), ratio(1, 0.1), 0],
])('a ratio that is %s', (_, before, now, count) => {
  expect(findSlower([before], [now])).toHaveLength(count);
});

test('a change says which ratio it is, and both values', () => {
  const [change] = findSlower([ratio(3, 0)], [ratio(2, 0)]);

  expect(change).toMatchObject({ before: 3, now: 2 });
  expect(keyOf(ratio(2, 0))).toBe('resnet18 int8, transformers.js fp32, small pictures (cpu)');
});
