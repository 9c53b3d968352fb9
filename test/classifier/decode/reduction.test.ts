import type { Size } from '../../../classifier/decode/fit.ts';
import { planReduction } from '../../../classifier/decode/reduction.ts';

/** The size of a picture of three to two. */
function landscape(short: number): Size {
  return { width: Math.floor(short * 1.5), height: short };
}

const WANTED = { width: 384, height: 256 };

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
  // Decoded at a half, 1204 rows become 602, and 1203 become 601.
  ['jpeg', 1204, 1],
  ['jpeg', 1203, 1],
  // Decoded at a quarter, 3001 rows become 750.
  ['jpeg', 3001, 1],
  // Decoded at an eighth, more is left than the filter does in one step.
  ['jpeg', 8192, 3],
] as const)('%s, %i rows: resized to %i times the size first', (format, short, oversampling) => {
  const plan = planReduction({ format, size: landscape(short), isUpright: true }, WANTED);

  expect(plan).toMatchObject({ oversampling, fastShrinkOnLoad: false });
});

test.each([
  ['upright, and no pixel is left out', 1204, true, 1, { width: 1806, height: 1204 }],
  ['upright', 1203, true, 1, { width: 1804, height: 1202 }],
  ['upright', 3001, true, 1, { width: 4500, height: 3000 }],
  ['upright, but stretched too far', 3003, true, 3, { width: 4504, height: 3003 }],
  ['mirrored or turned', 1203, false, 3, { width: 1804, height: 1203 }],
])('what a resized JPEG shows: %s, %i rows', (_kind, short, isUpright, oversampling, shown) => {
  expect(planReduction({ format: 'jpeg', size: landscape(short), isUpright }, WANTED)).toEqual({
    oversampling,
    fastShrinkOnLoad: false,
    shown,
  });
});

test('a WebP is reduced while it is decoded only where a single resize would not be enough', () => {
  const planOf = (short: number) => planReduction({ format: 'webp', size: landscape(short), isUpright: true }, WANTED);

  expect(planOf(1022)).toMatchObject({ oversampling: 1, fastShrinkOnLoad: false });
  expect(planOf(1024)).toMatchObject({ oversampling: 2.25, fastShrinkOnLoad: true });
});
