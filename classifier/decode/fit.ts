import type { Preprocessing } from '../manifest.ts';

/** A size in whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in whole pixels; `left` and `top` count from the upper left corner. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * How an image becomes a model's input: all of it is resized to `resized`, and `crop` is cut out of
 * the result.
 */
export interface Fit {
  readonly resized: Size;
  readonly crop: Region;
  /**
   * The part of `resized` that is computed. This is all of it, except for a long strip: there it is
   * only the crop and a margin around it.
   */
  readonly window: Region;
}

/** A range along one axis, in pixels. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Above this ratio of the sides only the middle is resized: a whole strip of 1 x 100,000 would
 * become 256 x 25,600,000 pixels, 20 GB. Up to this ratio the whole image is resized, so that a
 * file whose end is missing is noticed.
 */
const MAX_WHOLE_RATIO = 8;

/** Pixels computed around the crop of a strip, so that the filter has neighbours to read. */
const WINDOW_MARGIN_PIXELS = 2;

/**
 * Computes the geometry of torchvision's evaluation transform: the shorter side becomes `resize`,
 * the longer floor(resize * long / short), and the crop is the centre of `crop` x `crop`. The
 * crop's offset is rounded half to even, as Python rounds.
 * @param picture the size of the image after EXIF orientation
 */
export function fitPicture(picture: Size, { resize, crop }: Preprocessing): Fit {
  const { width, height } = picture;
  const [short, long] = width < height ? [width, height] : [height, width];
  const resized = {
    width: Math.floor((resize * width) / short),
    height: Math.floor((resize * height) / short),
  };
  const across = { start: cropOffset(resized.width, crop), length: crop };
  const down = { start: cropOffset(resized.height, crop), length: crop };
  const isStrip = long > MAX_WHOLE_RATIO * short;
  return {
    resized,
    crop: region(across, down),
    window: isStrip
      ? region(widen(across, resized.width), widen(down, resized.height))
      : { left: 0, top: 0, ...resized },
  };
}

/**
 * Returns the part of the original that is needed to compute `window`, for an image that is
 * enlarged. The filter also reads neighbouring pixels, so the part has one more pixel on each side,
 * except at the border of the image.
 */
export function sourceOf({ window, resized }: Fit, picture: Size): Region {
  return region(
    sourceSpan({ start: window.left, length: window.width }, resized.width, picture.width),
    sourceSpan({ start: window.top, length: window.height }, resized.height, picture.height),
  );
}

/** Tells whether all of the resized picture is computed, not just a window of a strip. */
export function isWhole({ window, resized }: Fit): boolean {
  return window.width === resized.width && window.height === resized.height;
}

/** Returns the same region in an image that is `factor` times as large, in whole pixels. */
export function multiply({ left, top, width, height }: Region, factor: number): Region {
  const scaled = (pixels: number) => Math.round(pixels * factor);
  return { left: scaled(left), top: scaled(top), width: scaled(width), height: scaled(height) };
}

function sourceSpan({ start, length }: Span, resized: number, whole: number): Span {
  const first = Math.max(0, Math.floor((start * whole) / resized) - 1);
  const end = Math.min(whole, Math.ceil(((start + length) * whole) / resized) + 1);
  return { start: first, length: end - first };
}

function widen({ start, length }: Span, whole: number): Span {
  const first = Math.max(0, start - WINDOW_MARGIN_PIXELS);
  const end = Math.min(whole, start + length + WINDOW_MARGIN_PIXELS);
  return { start: first, length: end - first };
}

function region(across: Span, down: Span): Region {
  return { left: across.start, top: down.start, width: across.length, height: down.length };
}

function cropOffset(side: number, crop: number): number {
  const half = (side - crop) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half);
}
