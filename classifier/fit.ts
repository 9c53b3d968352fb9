import type { Preprocessing } from './manifest.ts';

/** In whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In whole pixels, `left` and `top` from the upper left corner. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/** How a picture becomes a model's input: the whole is resized to `resized`, and `crop` cut out of that. */
export interface Fit {
  readonly resized: Size;
  readonly crop: Region;
  /** Of `resized`, what is worth computing: all of it, but of a long strip only what surrounds the crop. */
  readonly window: Region;
}

/** Where something lies along one axis, in pixels. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Above this ratio of the sides only the middle is resized: the whole of a 1 x 100,000 strip would become 256 x 25,600,000 pixels, 20 GB.
 * Up to it the whole is, so that a file whose end is missing is noticed.
 */
const MAX_WHOLE_RATIO = 8;

/** Around the crop of a strip, so that the filter finds neighbours. */
const WINDOW_MARGIN_PIXELS = 2;

/**
 * torchvision's evaluation transform: the shorter side to `resize`, the longer to floor(resize * long / short), and the centre of
 * `crop` x `crop`, its offset rounded half to even as Python rounds.
 * @param picture its size after EXIF orientation
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

/** The part of a picture that `window` of its enlargement is made of, a pixel more on each side where there is one. */
export function sourceOf({ window, resized }: Fit, picture: Size): Region {
  return region(
    sourceSpan({ start: window.left, length: window.width }, resized.width, picture.width),
    sourceSpan({ start: window.top, length: window.height }, resized.height, picture.height),
  );
}

/** The same region of a picture that is `factor` times as large. */
export function multiply({ left, top, width, height }: Region, factor: number): Region {
  return { left: left * factor, top: top * factor, width: width * factor, height: height * factor };
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
