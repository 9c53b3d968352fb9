import * as fc from 'fast-check';
import { activationNames, IMAGE_QUANTIZATION, toQuantization } from '../../../models/graph/activations.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { memoryCheckpoint, randomNetwork, TINY_BOTTLENECK } from './random-network.ts';

const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test('zero is exact, and values within the range are exact to half a step', () => {
  fc.assert(
    fc.property(bound, bound, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, share) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const { scale, zeroPoint } = toQuantization({ low, high });
      expect(scale).toBeGreaterThan(0);
      expect(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255).toBe(true);
      const value = Math.min(low, 0) + share * (Math.max(high, 0) - Math.min(low, 0));
      const whole = Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint));
      // Rounding the zero point moves the ends by half a step.
      expect(Math.abs((whole - zeroPoint) * scale - value)).toBeLessThanOrEqual(scale * 1.001);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('a tensor that is zero everywhere has a positive scale', () => {
  expect(toQuantization({ low: 0, high: 0 }).scale).toBeGreaterThan(0);
});

test('the bytes of an image are not changed, only centred on the average pixel', () => {
  expect(IMAGE_QUANTIZATION).toEqual({ scale: 1, zeroPoint: 114 });
});

test('activations are named in the order of computation, each once', () => {
  const { tensors, path } = memoryCheckpoint(randomNetwork(TINY_BOTTLENECK));

  const names = activationNames(readArchitecture(tensors, path));

  expect(names.slice(0, 6)).toEqual([
    'relu',
    'layer1.0.conv1.relu',
    'layer1.0.conv2.relu',
    'layer1.0.conv3',
    'layer1.0.downsample.0',
    'layer1.0',
  ]);
  expect(names.slice(-2)).toEqual(['features', 'flatten']);
  expect(new Set(names).size).toBe(names.length);
});
