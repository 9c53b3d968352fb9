import { InvalidWeightsError } from '../checkpoint/errors.ts';
import { MAX_HALF, toHalf } from './half.ts';

/**
 * Rounds a tensor to half precision.
 * @param name the tensor's name, for the error
 * @returns the bits of each element
 * @throws {InvalidWeightsError} naming the first element that is too large for half precision
 */
export function requireHalf(name: string, values: Float32Array): Uint16Array {
  const index = values.findIndex((value) => Math.abs(value) > MAX_HALF);
  if (index >= 0) {
    throw new InvalidWeightsError(
      `${name}: element ${index} is ${values[index]}, but half precision holds at most ${MAX_HALF}. Use the fp32 package.`,
    );
  }
  return toHalf(values);
}
