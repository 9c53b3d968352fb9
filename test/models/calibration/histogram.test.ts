import * as fc from 'fast-check';
import { Histogram, RANGE_METHODS } from '../../../models/calibration/histogram.ts';

function histogramOf(...tensors: readonly (readonly number[])[]): Histogram {
  const histogram = new Histogram();
  for (const tensor of tensors) histogram.add(Float32Array.from(tensor));
  return histogram;
}

test('min-max is the smallest and the largest value of all tensors', () => {
  expect(histogramOf([0.5, -2, 1], [3, 0]).range('min-max')).toEqual({ low: -2, high: 3 });
});

test('percentile leaves one value in ten thousand outside', () => {
  const values = Array.from({ length: 10_000 }, (_, index) => (index + 1) / 10_000);

  const { low, high } = histogramOf([...values.slice(0, -1), 50]).range('percentile');

  expect(low).toBe(0);
  // Exact to one of the 2048 cells up to 64.
  expect(high).toBeGreaterThanOrEqual(0.99);
  expect(high).toBeLessThan(1.1);
});

test('mean-squared-error cuts off a single large value among many small ones, and nothing when all are similar', () => {
  const alike = Array.from({ length: 400_000 }, (_, index) => index / 400_000);

  const { high } = histogramOf([...alike, 2]).range('mean-squared-error');
  expect(high).toBeLessThan(1.9);
  expect(high).toBeGreaterThan(0.99);
  expect(histogramOf(alike).range('mean-squared-error').high).toBeGreaterThan(0.97);
});

test('order and grouping of tensors change no range, and no range exceeds the values seen', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 20 }), { minLength: 1, maxLength: 5 }), (tensors) => {
      const [forwards, backwards] = [histogramOf(...tensors), histogramOf(...tensors.toReversed())];
      const together = histogramOf(tensors.flat());
      const { low, high } = forwards.range('min-max');
      for (const method of RANGE_METHODS) {
        const range = forwards.range(method);
        expect(backwards.range(method)).toEqual(range);
        expect(together.range(method)).toEqual(range);
        expect(range.low).toBeGreaterThanOrEqual(low);
        expect(range.high).toBeLessThanOrEqual(high);
      }
    }),
    { seed: 11, numRuns: 200 },
  );
});
