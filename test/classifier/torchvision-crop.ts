/** RGB bytes, [height, width, 3]. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Taps {
  readonly start: number;
  readonly weights: readonly number[];
}

const CHANNELS = 3;

// Local names are faster, because Jest's sandbox looks up globals slowly.
const { floor, min } = Math;

/**
 * Computes torchvision's evaluation transform, as a reference for any image: Resize(256), bilinear
 * and antialiased as in Pillow (a triangle as wide as the reduction, first horizontally, then
 * vertically, rounded to bytes in between), then CenterCrop(224).
 */
export function torchvisionCrop(picture: Pixels, resize = 256, crop = 224): Uint8Array {
  const { width, height } = picture;
  const short = Math.min(width, height);
  const resizedWidth = Math.trunc((resize * width) / short);
  const resizedHeight = Math.trunc((resize * height) / short);
  const columns = tapsOf(width, resizedWidth, cropOffset(resizedWidth, crop), crop);
  const rows = tapsOf(height, resizedHeight, cropOffset(resizedHeight, crop), crop);
  const narrow = new Uint8Array(crop * height * CHANNELS);
  for (let y = rows[0]?.start ?? 0; y < height; y += 1) {
    for (const [x, taps] of columns.entries()) {
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        narrow[(y * crop + x) * CHANNELS + channel] = weigh(
          taps,
          picture.data,
          y * width * CHANNELS + channel,
          CHANNELS,
        );
      }
    }
  }
  const cropped = new Uint8Array(crop * crop * CHANNELS);
  for (const [y, taps] of rows.entries()) {
    for (let place = 0; place < crop * CHANNELS; place += 1) {
      cropped[y * crop * CHANNELS + place] = weigh(taps, narrow, place, crop * CHANNELS);
    }
  }
  return cropped;
}

/** Returns the inputs of which each of `count` outputs from `first` on is made. */
function tapsOf(length: number, resized: number, first: number, count: number): Taps[] {
  const scale = length / resized;
  const reach = Math.max(scale, 1);
  return Array.from({ length: count }, (_, place) => {
    const centre = (first + place + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + reach + 0.5));
    const raw = Array.from({ length: end - start }, (_, index) =>
      Math.max(0, 1 - Math.abs((start + index + 0.5 - centre) / reach)),
    );
    const sum = raw.reduce((a, b) => a + b);
    return { start, weights: raw.map((weight) => weight / sum) };
  });
}

function weigh({ start, weights }: Taps, values: Uint8Array, offset: number, step: number): number {
  let sum = 0.5;
  for (let tap = 0; tap < weights.length; tap += 1) {
    sum += (weights[tap] ?? 0) * (values[offset + (start + tap) * step] ?? 0);
  }
  return min(255, floor(sum));
}

/** Computes Python's int(round(x)), which rounds half to even. */
function cropOffset(side: number, crop: number): number {
  const half = (side - crop) / 2;
  const below = Math.floor(half);
  if (half - below !== 0.5) return Math.round(half);
  return below % 2 === 0 ? below : below + 1;
}
