import { cutOut, enlargeCrop } from '../../../classifier/decode/resample.ts';

/** Returns grey pixels, [height, width, 3], with one row of values per line. */
function grey(...rows: number[][]): Uint8Array {
  return Uint8Array.from(rows.flat().flatMap((value) => [value, value, value]));
}

test('a region is cut out unchanged', () => {
  const pixels = grey([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]);

  expect(cutOut(pixels, 4, { left: 1, top: 1, width: 2, height: 2 })).toEqual(grey([6, 7], [10, 11]));
});

test('doubling the size aligns the centres: each pixel is a quarter and three quarters of its neighbours', () => {
  const picture = { width: 2, height: 1 };
  const fit = {
    resized: { width: 4, height: 2 },
    crop: { left: 0, top: 0, width: 4, height: 2 },
    window: { left: 0, top: 0, width: 4, height: 2 },
  };

  expect(enlargeCrop(grey([0, 100]), { left: 0, top: 0, ...picture }, picture, fit)).toEqual(
    grey([0, 25, 75, 100], [0, 25, 75, 100]),
  );
});

test('the part of the image under the crop gives the same result as the whole image', () => {
  const picture = { width: 8, height: 1 };
  const fit = {
    resized: { width: 16, height: 2 },
    crop: { left: 6, top: 0, width: 4, height: 2 },
    window: { left: 5, top: 0, width: 6, height: 2 },
  };
  const row = [0, 10, 30, 60, 100, 150, 210, 255];

  const whole = enlargeCrop(grey(row), { left: 0, top: 0, ...picture }, picture, fit);
  const part = enlargeCrop(grey(row.slice(2, 6)), { left: 2, top: 0, width: 4, height: 1 }, picture, fit);

  expect(part).toEqual(whole);
});
