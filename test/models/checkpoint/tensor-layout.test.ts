import { isContiguous, layoutFault } from '../../../models/checkpoint/tensor-layout.ts';

test.each([
  ['fills its storage', 0, [2, 3], [3, 1], 6],
  ['lies at its end', 4, [2], [1], 6],
  ['repeats a small storage up to a million times', 0, [2 ** 20], [0], 1],
  ['is empty, wherever it claims to be', 100, [0, 2 ** 40], [1, 1], 6],
  ['is a scalar', 5, [], [], 6],
])('a tensor that %s is accepted', (_, offset, shape, strides, storage) => {
  expect(layoutFault({ offset, shape, strides }, storage)).toBeUndefined();
});

test.each([
  ['one element too long', 0, [7], [1], 6, /element 7, but its storage has only 6/],
  ['one element too far', 5, [2], [1], 6, /element 7/],
  ['too far by its strides', 0, [2, 2], [5, 1], 6, /element 7/],
  ['of negative strides', 5, [6], [-1], 6, /none negative/],
  ['of negative offset', -1, [2], [1], 6, /none negative/],
  ['of negative size', 0, [-2, -3], [3, 1], 6, /none negative/],
  ['of fractions', 0, [1.5], [1], 6, /must all be whole numbers/],
  ['with strides missing', 0, [2, 3], [1], 6, /2 sizes but 1 strides/],
  ['of too many axes', 0, Array(17).fill(1), Array(17).fill(1), 6, /17 axes/],
  ['expanded to 2^40 elements', 0, [2 ** 40], [0], 1, /more elements than its storage/],
  ['expanded past every exact integer', 0, [2 ** 50, 2 ** 50], [0, 0], 1, /more elements than its storage/],
  ['expanded one beyond a million', 0, [2 ** 20 + 1], [0], 1, /more elements than its storage/],
  ['reaching past every exact integer', 0, [2 ** 50], [2 ** 50], 6, /reaches to element/],
])('a tensor %s is refused', (_, offset, shape, strides, storage, fault) => {
  expect(layoutFault({ offset, shape, strides }, storage)).toMatch(fault);
});

test('contiguous means row-major without gaps', () => {
  expect(isContiguous({ offset: 3, shape: [2, 3], strides: [3, 1] })).toBe(true);
  expect(isContiguous({ offset: 0, shape: [2, 1, 3], strides: [3, 50, 1] })).toBe(true);
  expect(isContiguous({ offset: 0, shape: [2, 3], strides: [1, 2] })).toBe(false);
  expect(isContiguous({ offset: 0, shape: [2, 3], strides: [4, 1] })).toBe(false);
});
