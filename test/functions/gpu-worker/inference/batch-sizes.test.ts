import { fixedSizes, paddedSize } from '../../../../functions/gpu-worker/inference/batch-sizes.ts';

test.each([
  [1, [1]],
  [2, [1, 2]],
  [8, [1, 8]],
  [32, [1, 8, 32]],
  [256, [1, 8, 64, 256]],
])('on a GPU the sizes up to %i are %j', (largest, sizes) => {
  expect(fixedSizes('cuda', largest)).toEqual(sizes);
});

test('on the CPU any size is as good', () => {
  expect(fixedSizes('cpu', 32)).toBeNull();
  expect([1, 7, 32].map((count) => paddedSize(count, null))).toEqual([1, 7, 32]);
});

test('a batch is padded to the smallest size that holds it', () => {
  const sizes = fixedSizes('cuda', 12);

  expect([1, 2, 3, 4, 5, 8, 9, 12].map((count) => paddedSize(count, sizes))).toEqual([1, 8, 8, 8, 8, 8, 12, 12]);
});
