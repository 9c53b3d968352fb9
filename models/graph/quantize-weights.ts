import { IMAGE_QUANTIZATION } from './activations.ts';

/**
 * A layer's weights as integers: the values of a row times its scale are roughly the weights of
 * that output.
 */
export interface QuantizedWeights {
  /** Row-major like the float weights; each from -64 to 64. */
  readonly values: Int8Array;
  /** One per output, positive. */
  readonly scales: Float32Array;
  /** One per output, in units of the input's scale times the row's scale. */
  readonly biases: Int32Array;
}

/**
 * Weights have 7 bits, because x86 without VNNI adds two products of (uint8, int8) in 16 bits that
 * saturate. 2 * 255 * 64 = 32,640 is below 32,767, so every CPU computes the same.
 */
export const MAX_QUANTIZED_WEIGHT = 64;

/**
 * Half of int32's range. The sum of the products, which is added to the bias, never reaches the
 * other half.
 */
const MAX_QUANTIZED_BIAS = 2 ** 30;

/** Smallest scale, for a row of zeros: the scale must not be zero. */
const LEAST_SCALE = 2 ** -100;

/**
 * Quantizes a layer symmetrically, each output by its own largest weight.
 * @param weights float32, row-major [outputs, …]
 * @param biases float32 [outputs]
 * @param inputScale the scale of the layer's input
 */
export function quantizeWeights(weights: Float32Array, biases: Float32Array, inputScale: number): QuantizedWeights {
  const outputs = biases.length;
  const perRow = weights.length / outputs;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(outputs);
  const wholeBiases = new Int32Array(outputs);
  for (let row = 0; row < outputs; row += 1) {
    const start = row * perRow;
    const bias = biases[row] ?? 0;
    // Beside tiny weights a bias might not fit; then the weights lose digits.
    const scale = Math.fround(
      Math.max(
        largestMagnitude(weights, start, start + perRow) / MAX_QUANTIZED_WEIGHT,
        Math.abs(bias) / (inputScale * MAX_QUANTIZED_BIAS),
        LEAST_SCALE,
      ),
    );
    scales[row] = scale;
    wholeBiases[row] = Math.round(bias / (inputScale * scale));
    for (let index = start; index < start + perRow; index += 1) {
      values[index] = Math.round((weights[index] ?? 0) / scale);
    }
  }
  return { values, scales, biases: wholeBiases };
}

/**
 * Quantizes the stem. Its input is the image's bytes around the zero point of IMAGE_QUANTIZATION,
 * not around each colour's mean. The difference is the same for every pixel and goes into the
 * biases. It is computed with the rounded weights, so that their rounding affects only contrasts.
 * The zeros around the image are then wrong by up to 11 of 255, which no measurement has shown so
 * far (docs/decisions/models.md).
 * @param weights float32 [outputs, 3, height, width]
 * @param offsets the mean of each colour, on the scale of bytes
 */
export function quantizeStem(weights: Float32Array, biases: Float32Array, offsets: Float32Array): QuantizedWeights {
  const { scale: inputScale, zeroPoint } = IMAGE_QUANTIZATION;
  const rounded = quantizeWeights(weights, biases, inputScale);
  const perRow = weights.length / biases.length;
  const perColour = perRow / offsets.length;
  const moved = biases.map((bias, row) => {
    let shift = 0;
    for (let index = 0; index < perRow; index += 1) {
      const offset = offsets[Math.floor(index / perColour)] ?? Number.NaN;
      shift += (rounded.values[row * perRow + index] ?? 0) * (zeroPoint - offset);
    }
    return bias + shift * (rounded.scales[row] ?? 0);
  });
  return quantizeWeights(weights, moved, inputScale);
}

function largestMagnitude(values: Float32Array, start: number, end: number): number {
  let largest = 0;
  for (let index = start; index < end; index += 1) largest = Math.max(largest, Math.abs(values[index] ?? 0));
  return largest;
}
