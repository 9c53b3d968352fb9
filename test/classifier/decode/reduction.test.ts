import type { Size } from '../../../classifier/decode/fit.ts';
import { planReduction } from '../../../classifier/decode/reduction.ts';

/** A picture of three to two, and the size that it is resized to. */
function landscape(short: number): [Size, Size] {
  return [
    { width: Math.floor(short * 1.5), height: short },
    { width: 384, height: 256 },
  ];
}

test.each([
  ['png', 1022, 1],
  ['png', 1024, 3],
  ['png', 10_000, 3],
  [undefined, 1280, 3],
  // Decoded whole: a reduction by less than four is left to the filter.
  ['jpeg', 1020, 1],
  // Decoded at a half, a quarter or an eighth, too little would be left.
  ['jpeg', 1024, 3],
  ['jpeg', 2304, 3],
  ['jpeg', 4608, 3],
  // Decoded at a half, a quarter and an eighth.
  ['jpeg', 1180, 1],
  ['jpeg', 2044, 1],
  ['jpeg', 3000, 1],
  ['jpeg', 4800, 1],
  ['jpeg', 8176, 1],
  // Decoded at a half, 1204 rows become 602, and 1203 as well.
  ['jpeg', 1204, 1],
  ['jpeg', 1203, 3],
  // Decoded at a quarter, 3001 rows become 751.
  ['jpeg', 3001, 3],
  // Decoded at an eighth, more is left than the filter does in one step.
  ['jpeg', 8192, 3],
] as const)('%s, %i rows: resized to %i times the size first', (format, short, oversampling) => {
  expect(planReduction(format, ...landscape(short))).toEqual({ oversampling, fastShrinkOnLoad: false });
});

test('a WebP is reduced while it is decoded only where a single resize would not be enough', () => {
  expect(planReduction('webp', ...landscape(1022))).toEqual({ oversampling: 1, fastShrinkOnLoad: false });
  expect(planReduction('webp', ...landscape(1024))).toEqual({ oversampling: 2.25, fastShrinkOnLoad: true });
});
