import { InvalidWeightsError } from '../../../models/checkpoint/errors.ts';
import { BATCH_NORM_EPSILON, foldBatchNorm, requireFinite, requireVariance } from '../../../models/graph/fold.ts';

/**
 * A convolution of 3 filters over 2 channels, 1x2 pixels each, and the pixels under it: [2, 1, 2].
 */
const WEIGHT = [0.3, -1.2, 0.7, 2.1, -0.4, 0.9, 1.7, -0.2, 0.05, 3.3, -2.2, 0.6];
const PATCH = [0.25, -1.5, 2.75, 0.8];
const NORM = { weight: [1.3, -0.7, 0.02], bias: [0.1, 2.2, -3.1], mean: [0.5, -1.1, 8], variance: [0.9, 1e-7, 40] };

/** Computes what PyTorch does: the convolution, then the norm, all in float64. */
function convolveAndNormalise(patch: readonly number[]): number[] {
  return NORM.weight.map((gamma, filter) => {
    const sum = patch.reduce((total, pixel, index) => total + pixel * (WEIGHT[filter * 4 + index] ?? Number.NaN), 0);
    const deviation = Math.sqrt((NORM.variance[filter] ?? Number.NaN) + 1e-5);
    return ((sum - (NORM.mean[filter] ?? Number.NaN)) / deviation) * gamma + (NORM.bias[filter] ?? Number.NaN);
  });
}

const doubles = {
  weight: Float64Array.from(NORM.weight),
  bias: Float64Array.from(NORM.bias),
  mean: Float64Array.from(NORM.mean),
  variance: Float64Array.from(NORM.variance),
};

test('the folded convolution gives the same as convolution and batch norm, within float32', () => {
  const { weight, bias } = foldBatchNorm(Float64Array.from(WEIGHT), doubles);

  for (const [filter, expected] of convolveAndNormalise(PATCH).entries()) {
    const folded = PATCH.reduce(
      (sum, pixel, index) => sum + pixel * (weight[filter * 4 + index] ?? Number.NaN),
      bias[filter] ?? Number.NaN,
    );
    expect(Math.abs(folded - expected)).toBeLessThanOrEqual(2 ** -22 * Math.max(1, Math.abs(expected)) * 4);
  }
});

test('each weight and bias is computed in float64 and rounded once', () => {
  const { weight, bias } = foldBatchNorm(Float64Array.from(WEIGHT), doubles);

  for (const [filter, gamma] of NORM.weight.entries()) {
    const scale = gamma / Math.sqrt((NORM.variance[filter] ?? Number.NaN) + BATCH_NORM_EPSILON);
    expect(bias[filter]).toBe(
      Math.fround((NORM.bias[filter] ?? Number.NaN) - (NORM.mean[filter] ?? Number.NaN) * scale),
    );
    for (let index = filter * 4; index < filter * 4 + 4; index += 1) {
      expect(weight[index]).toBe(Math.fround((WEIGHT[index] ?? Number.NaN) * scale));
    }
  }
});

test("an input scale changes its channel's weights but not the bias", () => {
  const plain = foldBatchNorm(Float64Array.from(WEIGHT), doubles);
  const scaled = foldBatchNorm(Float64Array.from(WEIGHT), doubles, [0.5, 4]);

  expect([...scaled.bias]).toEqual([...plain.bias]);
  expect([...scaled.weight]).toEqual([...plain.weight].map((value, index) => value * (index % 4 < 2 ? 0.5 : 4)));
});

test('float32 weights are folded in place, float64 weights are not changed', () => {
  const single = Float32Array.from(WEIGHT);
  const double = Float64Array.from(WEIGHT);

  expect(foldBatchNorm(single, doubles).weight).toBe(single);
  foldBatchNorm(double, doubles);
  expect([...double]).toEqual(WEIGHT);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%p is found and named', (value) => {
  const values = Float32Array.from([1, -0, 3, value, 5, value]);

  expect(() => requireFinite('conv1.weight', values)).toThrow(InvalidWeightsError);
  expect(() => requireFinite('conv1.weight', values)).toThrow(`conv1.weight: element 3 is ${value}`);
});

test('finite numbers pass, also the extremes of float32', () => {
  expect(() => requireFinite('x', Float32Array.from([0, -0, 1e-45, 3.4e38, -3.4e38]))).not.toThrow();
});

test('a variance may be zero but not negative', () => {
  expect(() => requireVariance('bn1.running_var', Float32Array.from([0, 1]))).not.toThrow();
  expect(() => requireVariance('bn1.running_var', Float32Array.from([0, 1, -0.5]))).toThrow(
    'bn1.running_var: element 2 is -0.5',
  );
});
