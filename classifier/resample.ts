import type { Fit, Region, Size } from './fit.ts';

/**
 * What each output pixel of one axis is made of: `count` inputs, output after output; of input `indices[i]` the share `weights[i]`.
 * Typed arrays and plain loops: this runs for every image, a hundred thousand times.
 */
interface Taps {
  readonly count: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Red, green, blue. */
const CHANNELS = 3;

/** From this reduction on libvips averages whole blocks first, which blurs: by up to 0.9 of 255 on sharp photographs. */
const MAX_FILTERED_REDUCTION = 4;

/**
 * How many times larger than needed libvips shall resize, for `reduceCrop` to do the rest: the smallest odd number with which libvips
 * filters every pixel.
 * @param reduction source side by output side, at least 1
 */
export function oversamplingFor(reduction: number): number {
  let oversampling = 1;
  while (reduction / oversampling >= MAX_FILTERED_REDUCTION) oversampling += 2;
  return oversampling;
}

/**
 * Cuts a region out of a picture that libvips resized, bilinear, to `oversampling` times the size. A triangle m times as wide is the sum of
 * 2 m - 1 narrow ones, one a pixel, weighted 1, 2 … m … 2, 1: so this is the filter of a resize in one step, and not a second one over it.
 * The cut is not left to libvips: it would stop reading above the end of a tall picture and never see that the rest is missing.
 * @param pixels uint8 [size.height * oversampling, size.width * oversampling, 3]
 * @param crop within `size`
 * @returns uint8 [crop.height, crop.width, 3]
 */
export function reduceCrop(pixels: Uint8Array, size: Size, oversampling: number, crop: Region): Uint8Array {
  const width = size.width * oversampling;
  const columns = triangleTaps(crop.left, crop.width, oversampling, width);
  const rows = triangleTaps(crop.top, crop.height, oversampling, size.height * oversampling);
  return filter(pixels, width, columns, rows);
}

/**
 * Enlarges a part of a picture and cuts a region out of the result, bilinear, as Pillow does: first along rows, then along columns, bytes in
 * between. libvips' own enlargement lies half a pixel too far right and down: up to 36 of 255 where neighbours differ.
 * @param pixels uint8 [source.height, source.width, 3]
 * @param source where they lie in the picture
 * @param picture the whole picture's size
 * @returns uint8 [crop.height, crop.width, 3]
 */
export function enlargeCrop(pixels: Uint8Array, source: Region, picture: Size, { resized, crop }: Fit): Uint8Array {
  const columns = linearTaps(crop.left, crop.width, picture.width / resized.width, source.left, source.width);
  const rows = linearTaps(crop.top, crop.height, picture.height / resized.height, source.top, source.height);
  return filter(pixels, source.width, columns, rows);
}

/** Of each of `count` outputs from `start` on, the narrow triangles; at the border the outermost counts again. */
function triangleTaps(start: number, count: number, oversampling: number, length: number): Taps {
  const taps = 2 * oversampling - 1;
  const indices = new Int32Array(count * taps);
  const weights = new Float64Array(count * taps);
  for (let at = 0; at < indices.length; at += 1) {
    const tap = at % taps;
    const fromCentre = tap - (oversampling - 1);
    const centre = (start + (at - tap) / taps) * oversampling + (oversampling - 1) / 2;
    indices[at] = Math.min(length - 1, Math.max(0, centre + fromCentre));
    weights[at] = (oversampling - Math.abs(fromCentre)) / oversampling ** 2;
  }
  return { count: taps, indices, weights };
}

/**
 * Of each of `count` outputs from `start` on, the two nearest inputs; indices from `origin` on, `length` of them. Centres on centres: output x
 * lies at (x + 1/2) * scale - 1/2 of the inputs, whose border goes on outwards.
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

/** uint8 [height, width, 3] to uint8 [rows, columns, 3]: along the rows first, rounded, then along the columns. */
function filter(pixels: Uint8Array, width: number, columns: Taps, rows: Taps): Uint8Array {
  const first = Math.min(...rows.indices);
  const end = Math.max(...rows.indices) + 1;
  const needed = pixels.subarray(first * width * CHANNELS, end * width * CHANNELS);
  const narrow = filterAlongRows(needed, width, columns);
  return filterAlongColumns(narrow, (columns.indices.length / columns.count) * CHANNELS, rows, first);
}

function filterAlongRows(pixels: Uint8Array, width: number, { count, indices, weights }: Taps): Uint8Array {
  const height = pixels.length / (width * CHANNELS);
  const filtered = new Uint8Array(height * (indices.length / count) * CHANNELS);
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
      filtered[at] = red;
      filtered[at + 1] = green;
      filtered[at + 2] = blue;
      at += CHANNELS;
    }
  }
  return filtered;
}

function filterAlongColumns(lines: Uint8Array, lineLength: number, taps: Taps, firstLine: number): Uint8Array {
  const { count, indices, weights } = taps;
  const filtered = new Uint8Array((indices.length / count) * lineLength);
  for (let at = 0; at < filtered.length; at += 1) {
    const place = at % lineLength;
    const first = ((at - place) / lineLength) * count;
    let sum = 0.5;
    for (let tap = first; tap < first + count; tap += 1) {
      sum += (weights[tap] ?? 0) * (lines[((indices[tap] ?? 0) - firstLine) * lineLength + place] ?? 0);
    }
    filtered[at] = sum;
  }
  return filtered;
}
