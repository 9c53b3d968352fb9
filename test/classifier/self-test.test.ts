import { createHash } from 'node:crypto';
import { SelfTestError } from '../../classifier/errors.ts';
import { checkSelfTest, maxLogitDifference, selfTestImage } from '../../classifier/self-test.ts';

const SELF_TEST = { seed: 1, logits: [1, 5, 2], tolerance: 0.25 };

test('the image of a seed never changes, because existing packages were made with it', () => {
  const image = selfTestImage(1);

  expect(image).toHaveLength(224 * 224 * 3);
  expect(createHash('sha256').update(image).digest('hex')).toBe(
    'af83c38cfa60b6c0671954a7237141060f10731dabeeb08d4e7a7ccff015e705',
  );
});

test('another seed gives another image', () => {
  expect(selfTestImage(2)).not.toEqual(selfTestImage(1));
});

test('logits within the tolerance pass, also exactly at it', () => {
  expect(() => checkSelfTest(Float32Array.of(1.25, 4.75, 2), SELF_TEST, 'package')).not.toThrow();
});

test.each([
  ['a logit further off', Float32Array.of(1, 5.26, 2)],
  ['NaN', Float32Array.of(1, 5, Number.NaN)],
  ['too few logits', Float32Array.of(1, 5)],
])('%s fails', (_title, logits) => {
  expect(() => checkSelfTest(logits, SELF_TEST, 'package')).toThrow(SelfTestError);
});

test('another best class fails, even with the smallest difference', () => {
  const close = { seed: 1, logits: [5, 5.1], tolerance: 0.25 };

  expect(() => checkSelfTest(Float32Array.of(5.1, 5), close, 'package')).toThrow(SelfTestError);
});

test('the difference is that of the logit that differs most', () => {
  expect(maxLogitDifference(Float32Array.of(1, 4.5, 2.125), SELF_TEST)).toBe(0.5);
});
