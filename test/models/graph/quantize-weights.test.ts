import * as fc from 'fast-check';
import { IMAGE_QUANTIZATION } from '../../../models/graph/activations.ts';
import { MAX_QUANTIZED_WEIGHT, quantizeStem, quantizeWeights } from '../../../models/graph/quantize-weights.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const layer = fc
  .record({ outputs: fc.integer({ min: 1, max: 4 }), perRow: fc.integer({ min: 1, max: 9 }) })
  .chain(({ outputs, perRow }) =>
    fc.record({
      weights: fc.float32Array({
        minLength: outputs * perRow,
        maxLength: outputs * perRow,
        noNaN: true,
        noDefaultInfinity: true,
        min: -1e6,
        max: 1e6,
      }),
      biases: fc.array(float, { minLength: outputs, maxLength: outputs }).map((values) => Float32Array.from(values)),
      inputScale: fc.constantFrom(1, 0.01, 3.7),
    }),
  );

test('no weight exceeds 64 in magnitude, each is within half a step, and no bias can overflow int32', () => {
  fc.assert(
    fc.property(layer, ({ weights, biases, inputScale }) => {
      const quantized = quantizeWeights(weights, biases, inputScale);
      const perRow = weights.length / biases.length;
      for (const [index, value] of quantized.values.entries()) {
        const scale = quantized.scales[Math.floor(index / perRow)] ?? Number.NaN;
        expect(Math.abs(value)).toBeLessThanOrEqual(MAX_QUANTIZED_WEIGHT);
        expect(Math.abs(value * scale - (weights[index] ?? Number.NaN))).toBeLessThanOrEqual(scale * 0.500001);
      }
      for (const [row, bias] of quantized.biases.entries()) {
        const unit = (quantized.scales[row] ?? Number.NaN) * inputScale;
        expect(Math.abs(bias)).toBeLessThanOrEqual(2 ** 30 + 64);
        expect(Math.abs(bias * unit - (biases[row] ?? Number.NaN))).toBeLessThanOrEqual(unit * 0.500001 + 1e-9);
      }
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('64 times 255 twice stays within the 16 bits that x86 without VNNI adds in', () => {
  expect(2 * 255 * MAX_QUANTIZED_WEIGHT).toBeLessThanOrEqual(2 ** 15 - 1);
});

test('a row of zeros keeps a scale above zero', () => {
  const { values, scales } = quantizeWeights(new Float32Array(3), new Float32Array(1), 1);

  expect([...values]).toEqual([0, 0, 0]);
  expect(scales[0]).toBeGreaterThan(0);
});

test('the stem gives with bytes around its zero point what the float stem gives around the mean of each colour', () => {
  // Two outputs of 3 colours x 1 x 2 pixels, in steps that 7 bits hold exactly.
  const weights = Float32Array.from([64, -3, 5, 7, -64, 1, 2, 2, 64, 0, -1, 9]).map((value) => value / 64);
  const biases = Float32Array.of(0.5, -2);
  const offsets = Float32Array.of(123.675, 116.28, 103.53);
  const { values, scales, biases: whole } = quantizeStem(weights, biases, offsets);
  const pixels = [0, 255, 17, 100, 200, 3];

  for (const row of [0, 1]) {
    const expected = pixels.reduce(
      (sum, pixel, at) => sum + (weights[row * 6 + at] ?? 0) * (pixel - (offsets[Math.floor(at / 2)] ?? 0)),
      biases[row] ?? 0,
    );
    const sum = pixels.reduce(
      (total, pixel, at) => total + (values[row * 6 + at] ?? 0) * (pixel - IMAGE_QUANTIZATION.zeroPoint),
      whole[row] ?? 0,
    );
    expect(Math.abs(sum * (scales[row] ?? 0) - expected)).toBeLessThan(scales[row] ?? 0);
  }
});
