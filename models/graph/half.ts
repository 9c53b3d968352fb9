/** The largest number that half precision can hold. */
export const MAX_HALF = 65_504;

const FLOAT_MANTISSA_BITS = 23;
const HALF_MANTISSA_BITS = 10;
const DROPPED_BITS = FLOAT_MANTISSA_BITS - HALF_MANTISSA_BITS;
/** The difference of the exponents' biases, 127 and 15. */
const BIAS_DIFFERENCE = 112;
/**
 * Distance between two neighbouring numbers that are smaller than half precision's smallest normal
 * number.
 */
const SUBNORMAL_STEP = 2 ** -24;

/**
 * Rounds to the nearest number of IEEE 754 half precision; halfway between two, to the even one.
 * @param values finite, at most MAX_HALF in magnitude
 * @returns the bits of each
 */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  // A loop: Uint16Array.from calls an iterator for each of a network's 200 million weights.
  for (let index = 0; index < halves.length; index += 1) {
    halves[index] = halfOf(bits[index] ?? 0, values[index] ?? 0);
  }
  return halves;
}

/** Rounds the number `value`, which has the bits `float`. */
function halfOf(float: number, value: number): number {
  const sign = (float >>> 16) & 0x8000;
  const exponent = ((float >>> FLOAT_MANTISSA_BITS) & 0xff) - BIAS_DIFFERENCE;
  if (exponent <= 0) return sign | roundToEven(Math.abs(value) / SUBNORMAL_STEP);
  const kept = (exponent << HALF_MANTISSA_BITS) | ((float >>> DROPPED_BITS) & 0x3ff);
  const dropped = float & ((1 << DROPPED_BITS) - 1);
  const half = 1 << (DROPPED_BITS - 1);
  // A carry out of the mantissa correctly increases the exponent.
  const up = dropped > half || (dropped === half && (kept & 1) === 1) ? 1 : 0;
  return sign | (kept + up);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
