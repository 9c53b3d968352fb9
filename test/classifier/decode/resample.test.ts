import { enlargeCrop, oversamplingFor, reduceCrop } from '../../../classifier/decode/resample.ts';

/** Returns grey pixels, [height, width, 3], with one row of values per line. */
function grey(...rows: number[][]): Uint8Array {
  return Uint8Array.from(rows.flat().flatMap((value) => [value, value, value]));
}

test.each([
  [1, 1],
  [3.99, 1],
  [4, 3],
  [11.99, 3],
  [12, 5],
  [39, 11],
])('a reduction by %d is oversampled %i times: odd, and less than four is left to libvips', (reduction, expected) => {
  expect(oversamplingFor(reduction)).toBe(expected);
});

test('without oversampling, a region is cut out unchanged', () => {
  const pixels = grey([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]);

  expect(reduceCrop(pixels, { width: 4, height: 3 }, 1, { left: 1, top: 1, width: 2, height: 2 })).toEqual(
    grey([6, 7], [10, 11]),
  );
});

test('oversampled three times, a pixel is the sum of five by five, weighted 1 2 3 2 1, over 81', () => {
  const values = Array.from({ length: 9 }, (_, y) => Array.from({ length: 9 }, (_, x) => ((x * 31 + y * 57) % 9) * 28));
  const alongRow = (row: number[]) =>
    [1, 2, 3, 2, 1].reduce((sum, weight, tap) => sum + weight * (row[2 + tap] ?? 0), 0) / 9;
  const expected = [1, 2, 3, 2, 1].reduce(
    (sum, weight, tap) => sum + (weight * Math.round(alongRow(values[2 + tap] ?? []))) / 9,
    0,
  );

  const [value] = reduceCrop(grey(...values), { width: 3, height: 3 }, 3, { left: 1, top: 1, width: 1, height: 1 });

  expect(value).toBe(Math.round(expected));
});

test('beyond the border the outermost pixel is repeated', () => {
  const values = Array.from({ length: 3 }, () => [90, 90, 90, 0, 0, 0]);

  // The first of two pixels reaches from -1 to 3: 90 90 90 90 0, weighted 1 2 3 2 1
  expect(reduceCrop(grey(...values), { width: 2, height: 1 }, 3, { left: 0, top: 0, width: 2, height: 1 })).toEqual(
    grey([80, 10]),
  );
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
