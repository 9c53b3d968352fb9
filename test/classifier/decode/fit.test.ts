import { fitPicture, multiply, sourceOf } from '../../../classifier/decode/fit.ts';
import { PREPROCESSING } from '../preprocessing.ts';

test.each([
  // width, height, resized width, resized height, left, top: int(round((side - 224) / 2)) in Python
  [600, 400, 384, 256, 80, 16],
  [400, 600, 256, 384, 16, 80],
  [256, 256, 256, 256, 16, 16],
  [451, 300, 384, 256, 80, 16],
  [257, 256, 257, 256, 16, 16], // 16.5 rounds to the even 16
  [259, 256, 259, 256, 18, 16], // 17.5 to the even 18
  [261, 256, 261, 256, 18, 16], // 18.5 to the even 18
  [1000, 333, 768, 256, 272, 16], // 768.77 is cut, not rounded
  [1, 1, 256, 256, 16, 16],
])('%i x %i is resized to %i x %i and cropped at %i, %i', (width, height, resizedWidth, resizedHeight, left, top) => {
  const resized = { width: resizedWidth, height: resizedHeight };

  expect(fitPicture({ width, height }, PREPROCESSING)).toEqual({
    resized,
    crop: { left, top, width: 224, height: 224 },
    window: { left: 0, top: 0, ...resized },
  });
});

test('for a strip more than eight times as long as wide, only the surroundings of the crop are computed', () => {
  expect(fitPicture({ width: 8 * 30, height: 30 }, PREPROCESSING).window).toEqual({
    left: 0,
    top: 0,
    width: 2048,
    height: 256,
  });
  expect(fitPicture({ width: 30, height: 3000 }, PREPROCESSING)).toEqual({
    resized: { width: 256, height: 25_600 },
    crop: { left: 16, top: 12_688, width: 224, height: 224 },
    window: { left: 14, top: 12_686, width: 228, height: 228 },
  });
});

test('the source of a window has every pixel that it needs, and at most one more on each side', () => {
  const picture = { width: 30, height: 3000 };

  // 12686 * 30 / 256 = 1486.6 and (12686 + 228) * 30 / 256 = 1513.4
  expect(sourceOf(fitPicture(picture, PREPROCESSING), picture)).toEqual({ left: 0, top: 1485, width: 30, height: 30 });
});

test('a region of an image three times as large has three times the size and offset', () => {
  expect(multiply({ left: 1, top: 2, width: 3, height: 4 }, 3)).toEqual({ left: 3, top: 6, width: 9, height: 12 });
});

test('for every size, the crop is in the window, the window in the resized image, and its source in the original', () => {
  for (let width = 1; width < 3000; width += 7) {
    for (const height of [1, 2, 3, 31, 224, 256, 1999]) {
      const fit = fitPicture({ width, height }, PREPROCESSING);
      const { crop, window, resized } = fit;
      expect(contains(window, crop)).toBe(true);
      expect(contains({ left: 0, top: 0, ...resized }, window)).toBe(true);
      expect(contains({ left: 0, top: 0, width, height }, sourceOf(fit, { width, height }))).toBe(true);
      expect(window.width * window.height).toBeLessThanOrEqual(256 * 256 * 8);
    }
  }
});

type Region = Parameters<typeof multiply>[0];

function contains(outer: Region, inner: Region): boolean {
  return (
    inner.left >= outer.left &&
    inner.top >= outer.top &&
    inner.left + inner.width <= outer.left + outer.width &&
    inner.top + inner.height <= outer.top + outer.height
  );
}
