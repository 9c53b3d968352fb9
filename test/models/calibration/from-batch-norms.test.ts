import { rangesFromBatchNorms } from '../../../models/calibration/from-batch-norms.ts';
import { activationNames } from '../../../models/graph/activations.ts';
import { type Architecture, allConvolutions } from '../../../models/graph/architecture.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import {
  memoryCheckpoint,
  type NetworkShape,
  randomNetwork,
  TINY_BASIC,
  TINY_BOTTLENECK,
} from '../graph/random-network.ts';

function architectureOf(shape: NetworkShape): Architecture {
  const { tensors, path } = memoryCheckpoint(randomNetwork(shape));
  return readArchitecture(tensors, path);
}

/** Gives every channel the same bias and weight. */
function uniform(architecture: Architecture, bias: number, weight: number) {
  const channels = allConvolutions(architecture).reduce((sum, { shape }) => sum + shape[0], 0);
  return { biases: new Float32Array(channels).fill(bias), weights: new Float32Array(channels).fill(weight) };
}

test.each([
  ['basic blocks', TINY_BASIC],
  ['bottlenecks', TINY_BOTTLENECK],
])('%s: every activation has a range, in the order of computation', (_, shape) => {
  const architecture = architectureOf(shape);

  const ranges = rangesFromBatchNorms(architecture, uniform(architecture, 0, 1));

  expect([...ranges.keys()]).toEqual(activationNames(architecture));
});

test('the range of a convolution is its mean and eight deviations, for either sign of its weight; ReLU cuts at zero', () => {
  const architecture = architectureOf(TINY_BOTTLENECK);

  const ranges = rangesFromBatchNorms(architecture, uniform(architecture, 0.5, -2));

  expect(ranges.get('layer1.0.conv1.relu')).toEqual({ low: 0, high: 16.5 });
  expect(ranges.get('layer1.0.conv3')).toEqual({ low: -15.5, high: 16.5 });
});

test('the widest channel decides the range', () => {
  const architecture = architectureOf(TINY_BASIC);
  const parameters = uniform(architecture, 0, 1);
  // A channel of the stem.
  parameters.biases[2] = 5;

  expect(rangesFromBatchNorms(architecture, parameters).get('relu')).toEqual({ low: 0, high: 13 });
});

test('a sum adds the means, and the deviations as those of independent variables', () => {
  const architecture = architectureOf(TINY_BOTTLENECK);

  const ranges = rangesFromBatchNorms(architecture, uniform(architecture, 1, 3));

  // A projection and the last convolution: means 1 + 1, deviations the root of 9 + 9.
  expect(ranges.get('layer1.0')?.high).toBeCloseTo(2 + 8 * Math.sqrt(18), 4);
  // Then comes its ReLU, whose moments have a closed form, and another convolution.
  const [mean, deviation] = rectified(2, Math.sqrt(18));
  expect(ranges.get('layer1.1')?.high).toBeCloseTo(mean + 1 + 8 * Math.hypot(deviation, 3), 3);
});

test('the range of a constant channel is its mean', () => {
  const architecture = architectureOf(TINY_BASIC);

  const ranges = rangesFromBatchNorms(architecture, uniform(architecture, 2, 0));

  expect(ranges.get('relu')).toEqual({ low: 0, high: 2 });
  expect(ranges.get('layer1.0')?.high).toBeCloseTo(4, 6);
});

/** Computes mean and deviation of max(0, x) by adding 10,000 strips of the normal density. */
function rectified(mean: number, deviation: number): [number, number] {
  let [first, second] = [0, 0];
  const strips = 20_000;
  for (let strip = 0; strip < strips; strip += 1) {
    const z = -10 + (20 * (strip + 0.5)) / strips;
    const weight = (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * (20 / strips);
    const value = Math.max(0, mean + z * deviation);
    first += weight * value;
    second += weight * value ** 2;
  }
  return [first, Math.sqrt(second - first ** 2)];
}
