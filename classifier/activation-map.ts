import { InvalidArgumentError } from './errors.ts';

/** Rows and columns of the last convolution's output. */
export const MAP_SIDE = 7;

const PLACES = MAP_SIDE * MAP_SIDE;

/**
 * Computes the class activation map of Zhou et al. 2016: the sum of the last convolution's
 * channels, each times the class's weight for it in the fully connected layer. The mean of the map
 * plus the class's bias is the class's logit.
 * @param features float32 [channels, 7, 7] (channel, row, column) of one image
 * @param weights float32 [channels]
 * @returns float32 [7, 7] (row, column), in the unit of logits
 * @throws {InvalidArgumentError} when `features` and `weights` have different numbers of channels
 */
export function activationMap(features: Float32Array, weights: Float32Array): Float32Array {
  if (features.length !== weights.length * PLACES) {
    throw new InvalidArgumentError(
      `expected ${weights.length * PLACES} values for features (${MAP_SIDE} x ${MAP_SIDE} for each of ${weights.length} weights), received ${features.length}`,
    );
  }
  const map = new Float64Array(PLACES);
  for (let channel = 0; channel < weights.length; channel += 1) {
    const weight = weights[channel] ?? 0;
    for (let place = 0; place < PLACES; place += 1) {
      map[place] = (map[place] ?? 0) + weight * (features[channel * PLACES + place] ?? 0);
    }
  }
  return Float32Array.from(map);
}
