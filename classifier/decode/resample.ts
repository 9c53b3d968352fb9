import type { Fit, Region, Size } from './fit.ts';

/**
 * How each output pixel along one axis is computed: it is the sum of `count` inputs, where input
 * `indices[i]` has the weight `weights[i]`. The outputs follow each other. These are typed arrays
 * and plain loops because this runs a hundred thousand times for every image.
 */
interface Taps {
  readonly count: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Red, green, blue. */
const CHANNELS = 3;

/**
 * Cuts a region out of pixels.
 * @param pixels uint8 [height, width, 3]
 * @returns uint8 [region.height, region.width, 3]
 */
export function cutOut(pixels: Uint8Array, width: number, region: Region): Uint8Array {
  const cut = new Uint8Array(region.height * region.width * CHANNELS);
  for (let row = 0; row < region.height; row += 1) {
    const start = ((region.top + row) * width + region.left) * CHANNELS;
    cut.set(pixels.subarray(start, start + region.width * CHANNELS), row * region.width * CHANNELS);
  }
  return cut;
}

/**
 * Enlarges a part of an image and cuts a region out of the result. It is bilinear as in Pillow:
 * first along rows, then along columns, rounded to bytes in between. libvips' own enlargement is
 * shifted half a pixel to the right and down, which changes values by up to 36 of 255 at edges.
 * @param pixels uint8 [source.height, source.width, 3]
 * @param source where these pixels lie in the image
 * @param picture the size of the whole image
 * @returns uint8 [crop.height, crop.width, 3]
 */
export function enlargeCrop(pixels: Uint8Array, source: Region, picture: Size, { resized, crop }: Fit): Uint8Array {
  const columns = linearTaps(crop.left, crop.width, picture.width / resized.width, source.left, source.width);
  const rows = linearTaps(crop.top, crop.height, picture.height / resized.height, source.top, source.height);
  return filter(pixels, source.width, columns, rows);
}

/**
 * Pushes a stretched picture together and cuts the crop out of the result. It is cubic, because a
 * linear filter blurs what moves by a tenth of a pixel.
 * @param pixels uint8 [resized.height, resized.width, 3]
 * @param shown what they show, in pixels of the original, from its upper left corner on
 * @param picture the size of the whole original
 * @returns uint8 [crop.height, crop.width, 3]
 */
export function unstretchCrop(pixels: Uint8Array, shown: Size, picture: Size, { resized, crop }: Fit): Uint8Array {
  const columns = cubicTaps(crop.left, crop.width, picture.width / shown.width, resized.width);
  const rows = cubicTaps(crop.top, crop.height, picture.height / shown.height, resized.height);
  return filter(pixels, resized.width, columns, rows);
}

/**
 * Returns the four nearest inputs for each of `count` outputs from `start` on, weighted by the
 * Catmull-Rom spline. Positions and borders are those of linearTaps.
 */
function cubicTaps(start: number, count: number, scale: number, length: number): Taps {
  const indices = new Int32Array(count * 4);
  const weights = new Float64Array(count * 4);
  for (let output = 0; output < count; output += 1) {
    const position = (start + output + 0.5) * scale - 0.5;
    const before = Math.floor(position);
    const t = position - before;
    const inside = (index: number) => Math.min(length - 1, Math.max(0, index));
    indices.set(
      [-1, 0, 1, 2].map((step) => inside(before + step)),
      output * 4,
    );
    weights.set(
      [
        (-t + 2 * t ** 2 - t ** 3) / 2,
        (2 - 5 * t ** 2 + 3 * t ** 3) / 2,
        (t + 4 * t ** 2 - 3 * t ** 3) / 2,
        (-(t ** 2) + t ** 3) / 2,
      ],
      output * 4,
    );
  }
  return { count: 4, indices, weights };
}

/**
 * Returns the two nearest inputs for each of `count` outputs from `start` on. There are `length`
 * inputs, the first at index `origin`. The centres are aligned: output x lies at the input position
 * (x + 1/2) * scale - 1/2, and beyond the border the outermost pixel is repeated.
 */
function linearTaps(start: number, count: number, scale: number, origin: number, length: number): Taps {
  const indices = new Int32Array(count * 2);
  const weights = new Float64Array(count * 2);
  for (let output = 0; output < count; output += 1) {
    const position = (start + output + 0.5) * scale - 0.5 - origin;
    const inside = Math.min(length - 1, Math.max(0, position));
    const before = Math.floor(inside);
    indices.set([before, Math.min(length - 1, before + 1)], output * 2);
    weights.set([1 - (inside - before), inside - before], output * 2);
  }
  return { count: 2, indices, weights };
}

/**
 * Filters uint8 [height, width, 3] to uint8 [rows, columns, 3]: first along the rows, rounded, then
 * along the columns.
 */
function filter(pixels: Uint8Array, width: number, columns: Taps, rows: Taps): Uint8Array {
  const first = Math.min(...rows.indices);
  const end = Math.max(...rows.indices) + 1;
  const needed = pixels.subarray(first * width * CHANNELS, end * width * CHANNELS);
  const narrow = filterAlongRows(needed, width, columns);
  return filterAlongColumns(narrow, (columns.indices.length / columns.count) * CHANNELS, rows, first);
}

function filterAlongRows(pixels: Uint8Array, width: number, { count, indices, weights }: Taps): Uint8Array {
  const height = pixels.length / (width * CHANNELS);
  const filtered = new Uint8ClampedArray(height * (indices.length / count) * CHANNELS);
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    for (let first = 0; first < indices.length; first += count) {
      let red = 0.5;
      let green = 0.5;
      let blue = 0.5;
      for (let tap = first; tap < first + count; tap += 1) {
        const weight = weights[tap] ?? 0;
        const from = (row * width + (indices[tap] ?? 0)) * CHANNELS;
        red += weight * (pixels[from] ?? 0);
        green += weight * (pixels[from + 1] ?? 0);
        blue += weight * (pixels[from + 2] ?? 0);
      }
      filtered[at] = Math.floor(red);
      filtered[at + 1] = Math.floor(green);
      filtered[at + 2] = Math.floor(blue);
      at += CHANNELS;
    }
  }
  return new Uint8Array(filtered.buffer);
}

function filterAlongColumns(lines: Uint8Array, lineLength: number, taps: Taps, firstLine: number): Uint8Array {
  const { count, indices, weights } = taps;
  const filtered = new Uint8ClampedArray((indices.length / count) * lineLength);
  for (let at = 0; at < filtered.length; at += 1) {
    const place = at % lineLength;
    const first = ((at - place) / lineLength) * count;
    let sum = 0.5;
    for (let tap = first; tap < first + count; tap += 1) {
      sum += (weights[tap] ?? 0) * (lines[((indices[tap] ?? 0) - firstLine) * lineLength + place] ?? 0);
    }
    filtered[at] = Math.floor(sum);
  }
  return new Uint8Array(filtered.buffer);
}
