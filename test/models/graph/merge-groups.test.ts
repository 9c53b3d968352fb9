import * as fc from 'fast-check';
import { mergeGroups, spreadWeights } from '../../../models/graph/merge-groups.ts';

interface Grouped {
  readonly shape: readonly [number, number, number, number];
  readonly groups: number;
}

test.each([
  ['ResNeXt 32x4d, first stage', [128, 4, 3, 3], 32, 16, 8],
  ['ResNeXt 32x8d, first stage', [256, 8, 3, 3], 32, 16, 16],
  ['wide enough', [512, 16, 3, 3], 32, 16, 32],
  ['not grouped', [64, 3, 7, 7], 1, 3, 1],
  ['five channels a group', [40, 5, 3, 3], 8, 10, 4],
  ['a prime number of groups', [28, 4, 3, 3], 7, 4, 7],
] as const)('%s', (_, shape, groups, width, fewer) => {
  expect(mergeGroups({ shape, groups })).toEqual({ shape: [shape[0], width, shape[2], shape[3]], groups: fewer });
});

test('merged groups give the same sums', () => {
  const convolution = fc
    .record({
      groups: fc.integer({ min: 1, max: 12 }),
      width: fc.integer({ min: 1, max: 20 }),
      outputsPerGroup: fc.integer({ min: 1, max: 3 }),
      kernel: fc.constantFrom(1, 2),
    })
    .chain(({ groups, width, outputsPerGroup, kernel }) => {
      const shape = [groups * outputsPerGroup, width, kernel, kernel] as const;
      const [weights, inputs] = [shape[0] * width * kernel ** 2, groups * width * kernel ** 2];
      return fc.record({
        shape: fc.constant(shape),
        groups: fc.constant(groups),
        weights: fc.int8Array({ minLength: weights, maxLength: weights }),
        inputs: fc.uint8Array({ minLength: inputs, maxLength: inputs }),
      });
    });

  fc.assert(
    fc.property(convolution, ({ shape, groups, weights, inputs }) => {
      const one = { shape, groups };
      const merged = mergeGroups(one);

      expect(sums(spreadWeights(weights, one, merged), merged, inputs)).toEqual(sums(weights, one, inputs));
      expect(merged.shape[1]).toBeLessThanOrEqual(Math.max(16, shape[1]));
    }),
    { seed: 5, numRuns: 300 },
  );
});

/**
 * Computes one pixel of a grouped convolution's output, [out], from weights [out, in / groups, …]
 * and inputs [in, …].
 */
function sums(weights: Int8Array, { shape, groups }: Grouped, inputs: Uint8Array): number[] {
  const [outputs] = shape;
  const perOutput = weights.length / outputs;
  return Array.from({ length: outputs }, (_, output) => {
    const first = Math.floor(output / (outputs / groups)) * perOutput;
    const row = weights.subarray(output * perOutput, (output + 1) * perOutput);
    return row.reduce((sum, weight, index) => sum + weight * (inputs[first + index] ?? Number.NaN), 0);
  });
}
