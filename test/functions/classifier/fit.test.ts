import { fitPicture } from '../../../functions/classifier/fit.ts';
import { PREPROCESSING } from './preprocessing.ts';

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
])('%i x %i is resized to %i x %i and cut at %i, %i', (width, height, resizedWidth, resizedHeight, left, top) => {
  expect(fitPicture(width, height, PREPROCESSING)).toEqual({
    source: { left: 0, top: 0, width, height },
    resized: { width: resizedWidth, height: resizedHeight },
    crop: { left, top, width: 224, height: 224 },
  });
});

test('of a strip more than eight times as long as wide only the three middle squares are resized', () => {
  expect(fitPicture(30, 3000, PREPROCESSING)).toEqual({
    source: { left: 0, top: 49 * 30, width: 30, height: 90 },
    resized: { width: 256, height: 768 },
    // (25600 - 224) / 2 of the whole, less the 49 squares of 256 that were left out
    crop: { left: 16, top: 12688 - 49 * 256, width: 224, height: 224 },
  });
});

test('every size gives regions that lie in the picture, and a crop that lies in what was resized', () => {
  for (let width = 1; width < 3000; width += 7) {
    for (const height of [1, 2, 3, 31, 224, 256, 1999]) {
      const { source, resized, crop } = fitPicture(width, height, PREPROCESSING);
      expect(source.left >= 0 && source.left + source.width <= width).toBe(true);
      expect(source.top >= 0 && source.top + source.height <= height).toBe(true);
      expect(crop.left >= 0 && crop.left + crop.width <= resized.width).toBe(true);
      expect(crop.top >= 0 && crop.top + crop.height <= resized.height).toBe(true);
      expect(resized.width * resized.height).toBeLessThanOrEqual(256 * 256 * 9);
    }
  }
});
