import type { Size } from './fit.ts';
import type { ImageFormat } from './image.ts';

/** How a picture is made smaller: libvips resizes it once or twice. */
export interface Reduction {
  /**
   * The size after the first resize, in multiples of the wanted size. 1 where a single resize is
   * enough.
   */
  readonly oversampling: number;
  /** sharp's option of the first resize. Its meaning depends on the format, see `planReduction`. */
  readonly fastShrinkOnLoad: boolean;
}

/**
 * At this reduction and above, libvips first averages whole blocks, which blurs sharp photographs
 * by up to 0.9 of 255.
 */
const MAX_FILTERED_REDUCTION = 4;

/**
 * The smallest reduction that a resize must have left to do after a JPEG was decoded at a half, a
 * quarter or an eighth of its size. With 2.0 to 2.3 left, sharp photographs differ by up to 1.1 of
 * 255 from torchvision's crop, with 2.3 and more by up to 0.6 (bench/photographs.ts).
 */
const MIN_LEFT_AFTER_JPEG = 2.3;

/**
 * libvips resizes to three times the wanted size first, and then by three. A triangle filter three
 * times as wide is the sum of five narrow ones, one per pixel, weighted 1, 2, 3, 2, 1. So the
 * result is the filter of a single resize, not a second filter on top.
 */
const OVERSAMPLING = 3;

/**
 * A WebP is reduced to this multiple of the wanted size while it is decoded. libwebp's reduction is
 * continuous, so what is left is always the same. With 2 the crops differ by 0.52 of 255 on
 * average, with 2.25 by 0.40; with 3 by 0.27, but decoding takes longer (bench/photographs.ts).
 */
const OVERSAMPLING_WEBP = 2.25;

/**
 * The largest stretch that is accepted, in pixels of the result. libjpeg rounds the sides of a
 * reduced picture up, and sharp then fits all of it: a side of 1203 pixels, decoded at a half,
 * becomes 602 instead of 601.5, and what it shows moves by up to a pixel of the original.
 */
const MAX_STRETCH = 0.05;

/**
 * Decides how a picture is made smaller. Large JPEG and WebP files are decoded at a reduced size,
 * which is much faster; a good part of the reduction is left to the filter, so that the crop stays
 * close to torchvision's.
 * @param format the format that libvips decodes; undefined for pixels that are decoded already
 * @param size the size of the picture
 * @param wanted the size that is wanted, nowhere larger
 */
export function planReduction(format: ImageFormat | undefined, size: Size, wanted: Size): Reduction {
  const reduction = Math.max(size.width / wanted.width, size.height / wanted.height);
  if (format === 'webp' && reduction >= MAX_FILTERED_REDUCTION) {
    return { oversampling: OVERSAMPLING_WEBP, fastShrinkOnLoad: true };
  }
  const isEnough = format === 'jpeg' ? isCloseJpeg(size, reduction) : reduction < MAX_FILTERED_REDUCTION;
  return { oversampling: isEnough ? 1 : OVERSAMPLING, fastShrinkOnLoad: false };
}

/** Tells whether a JPEG's crop is close to torchvision's with a single resize. */
function isCloseJpeg({ width, height }: Size, reduction: number): boolean {
  const decoding = jpegReduction(reduction);
  if (reduction / decoding >= MAX_FILTERED_REDUCTION) return false;
  if (decoding === 1) return true;
  const stretch = Math.max(...[width, height].map((side) => Math.ceil(side / decoding) * decoding - side)) / reduction;
  return reduction / decoding >= MIN_LEFT_AFTER_JPEG && stretch <= MAX_STRETCH;
}

/**
 * The reduction that sharp chooses for a JPEG when `fastShrinkOnLoad` is off: at least a reduction
 * by two is left.
 */
function jpegReduction(reduction: number): number {
  return [8, 4, 2].find((decoding) => reduction >= 2 * decoding) ?? 1;
}
