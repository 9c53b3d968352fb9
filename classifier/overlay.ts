import { MAP_SIDE } from './activation-map.ts';
import { fitPicture, type Region, type Size } from './decode/fit.ts';
import { loadSharp } from './load-sharp.ts';
import type { Preprocessing } from './manifest.ts';

/** An activation map, drawn to be laid over the image. */
export interface Overlay extends Size {
  /**
   * An RGBA PNG with the image's proportions, but smaller; transparent where nothing was seen and
   * outside `region`.
   */
  readonly png: Uint8Array;
  /**
   * The part of the image that the model saw, in the image's pixels, not necessarily whole ones.
   */
  readonly region: Region;
}

/** Seven by seven values need no larger overlay; the page that shows it enlarges it. */
const SHORT_SIDE_PIXELS = 128;
const MAX_LONG_SIDE_PIXELS = 1024;

/**
 * Opacity of the strongest place, 0 to 255: the image stays visible. The opacity falls with the
 * square of the value, so that weak places do not hide the image.
 */
const MAX_ALPHA = 210;

/**
 * Colours from weak to strong, evenly spaced. The lightness always rises, so the overlay can also
 * be read without colours.
 */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [22, 11, 57],
  [101, 21, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];

/**
 * Draws the places that speak for a class, scaled so that the strongest is 1. Places that speak
 * against it stay transparent.
 * @param map float32 [7, 7] (row, column), as `activationMap` returns it
 * @param picture the size of the image after EXIF orientation
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export async function drawOverlay(map: Float32Array, picture: Size, preprocessing: Preprocessing): Promise<Overlay> {
  const { resized, crop } = fitPicture(picture, preprocessing);
  const region = scale(crop, picture.width / resized.width, picture.height / resized.height);
  const size = overlaySize(picture);
  const place = toWhole(scale(region, size.width / picture.width, size.height / picture.height), size);
  const png = await loadSharp()(paint(map, size, place), { raw: { ...size, channels: 4 } })
    .png()
    .toBuffer();
  return { png, ...size, region };
}

/** Returns the overlay's pixels, RGBA [height, width, 4]. */
function paint(map: Float32Array, { width, height }: Size, place: Region): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  const strongest = map.reduce((a, b) => Math.max(a, b), 0);
  if (strongest <= 0) return rgba;
  for (let row = 0; row < place.height; row += 1) {
    for (let column = 0; column < place.width; column += 1) {
      const value = sample(map, (column + 0.5) / place.width, (row + 0.5) / place.height);
      const share = Math.max(0, value) / strongest;
      const at = ((place.top + row) * width + place.left + column) * 4;
      rgba.set([...colourOf(share), Math.round(share ** 2 * MAX_ALPHA)], at);
    }
  }
  return rgba;
}

/**
 * Returns the map's value at a point of the crop (0 to 1 from the left and from the top),
 * interpolated linearly between the centres of the places.
 */
function sample(map: Float32Array, across: number, down: number): number {
  const [left, toRight] = split(across);
  const [top, toBottom] = split(down);
  const at = (row: number, column: number) =>
    map[Math.min(row, MAP_SIDE - 1) * MAP_SIDE + Math.min(column, MAP_SIDE - 1)] ?? 0;
  const upper = at(top, left) * (1 - toRight) + at(top, left + 1) * toRight;
  const lower = at(top + 1, left) * (1 - toRight) + at(top + 1, left + 1) * toRight;
  return upper * (1 - toBottom) + lower * toBottom;
}

function split(share: number): readonly [number, number] {
  const position = Math.min(MAP_SIDE - 1, Math.max(0, share * MAP_SIDE - 0.5));
  return [Math.floor(position), position % 1];
}

function colourOf(share: number): readonly number[] {
  const position = share * (COLOURS.length - 1);
  const lower = Math.min(COLOURS.length - 2, Math.floor(position));
  const [from, to] = [COLOURS[lower] ?? [], COLOURS[lower + 1] ?? []];
  return from.map((value, channel) => Math.round(value + ((to[channel] ?? 0) - value) * (position - lower)));
}

function overlaySize({ width, height }: Size): Size {
  const factor = Math.min(SHORT_SIDE_PIXELS / Math.min(width, height), MAX_LONG_SIDE_PIXELS / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

function scale({ left, top, width, height }: Region, across: number, down: number): Region {
  return { left: left * across, top: top * down, width: width * across, height: height * down };
}

/** Rounds a region to whole pixels: at least one pixel, and inside `within`. */
function toWhole({ left, top, width, height }: Region, within: Size): Region {
  const [firstColumn, firstRow] = [
    Math.min(within.width - 1, Math.round(left)),
    Math.min(within.height - 1, Math.round(top)),
  ];
  return {
    left: firstColumn,
    top: firstRow,
    width: Math.min(within.width - firstColumn, Math.max(1, Math.round(width))),
    height: Math.min(within.height - firstRow, Math.max(1, Math.round(height))),
  };
}
