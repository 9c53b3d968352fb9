import { createHash } from 'node:crypto';
import { seeded } from '../../../../models/sample/drawing/brush.ts';
import { DRAWABLE, drawSvg } from '../../../../models/sample/drawing/draw.ts';

test('32 classes can be drawn', () => {
  expect(DRAWABLE).toHaveLength(32);
});

test('a seed always gives the same picture, as in the training of the sample model', () => {
  const hash = createHash('sha256');
  for (const index of DRAWABLE) {
    for (let seed = 0; seed < 20; seed += 1) hash.update(drawSvg(index, seeded(seed), 192 + seed, 160));
  }

  expect(hash.digest('hex')).toBe('4d2bfefaf4475e708cdf5424b9e49d3d88a58b890b1b3eff47aba5d38a5d3ede');
});

test('the error names a class that cannot be drawn', () => {
  expect(() => drawSvg(999, seeded(1), 10, 10)).toThrow('class 999');
});
