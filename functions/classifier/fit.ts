import type { Preprocessing } from './manifest.ts';

/** Whole pixels: `left` and `top` from the upper left corner. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture becomes a model's input: cut `source` out, resize it to `resized`, cut `crop` out of that. */
export interface Fit {
  readonly source: Region;
  readonly resized: { readonly width: number; readonly height: number };
  readonly crop: Region;
}

/**
 * Above this ratio of the sides only the middle is resized: the whole of a 1 x 100,000 strip would become 256 x 25,600,000 pixels, 20 GB.
 * Up to it (13 MB) the result is torchvision's to the pixel; above, the long side's rounding can shift it by half a pixel.
 */
const MAX_WHOLE_RATIO = 64;
/** Of the short side, to each side of the square that the middle square lies in: more than the crop and the filter reach. */
const MARGIN_SQUARES = 1;

/**
 * torchvision's evaluation transform: the shorter side to `resize`, the longer to floor(resize * long / short), and the centre of
 * `crop` x `crop`, its offset rounded half to even as Python rounds.
 * @param width, height of the picture after EXIF orientation, in pixels
 */
export function fitPicture(width: number, height: number, { resize, crop }: Preprocessing): Fit {
  const isTall = height > width;
  const along = fitLongSide(isTall ? height : width, isTall ? width : height, resize, crop);
  const across = { start: 0, length: isTall ? width : height, resized: resize, offset: cropOffset(resize, crop) };
  const [horizontal, vertical] = isTall ? [across, along] : [along, across];
  return {
    source: { left: horizontal.start, top: vertical.start, width: horizontal.length, height: vertical.length },
    resized: { width: horizontal.resized, height: vertical.resized },
    crop: { left: horizontal.offset, top: vertical.offset, width: crop, height: crop },
  };
}

function fitLongSide(long: number, short: number, resize: number, crop: number) {
  const resized = Math.floor((resize * long) / short);
  const offset = cropOffset(resized, crop);
  if (long <= MAX_WHOLE_RATIO * short) return { start: 0, length: long, resized, offset };
  // In steps of the short side, each of which becomes exactly `resize` pixels: the cut moves no pixel's place.
  const square = Math.floor((offset + crop / 2) / resize) - MARGIN_SQUARES;
  const squares = 2 * MARGIN_SQUARES + 1;
  return {
    start: square * short,
    length: squares * short,
    resized: squares * resize,
    offset: offset - square * resize,
  };
}

function cropOffset(side: number, crop: number): number {
  const half = (side - crop) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : Math.round(half);
}
