import type { Size } from './fit.ts';
import type { Picture } from './open-picture.ts';

/** How a picture is made smaller: libvips resizes it once or twice. */
export interface Reduction {
  /**
   * The size after the first resize, in multiples of the wanted size. 1 where a single resize is
   * enough.
   */
  readonly oversampling: number;
  /** sharp's option of the first resize. Its meaning depends on the format, see `planReduction`. */
  readonly fastShrinkOnLoad: boolean;
  /**
   * What the resized picture shows, in pixels of the original: the picture's size, or a little less
   * on the right and at the bottom. Then it has to be pushed together again.
   */
  readonly shown: Size;
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
 * By how many pixels of the result a picture may be stretched. libvips leaves out what does not
 * fill a pixel of the reduced picture, and sharp fits the rest: a side of 1203 pixels, decoded at a
 * half, becomes 601 instead of 601.5, and what it shows moves by up to a pixel of the original.
 */
const MAX_STRETCH = 0.05;

/**
 * The same where the crop is pushed together again. That blurs it a little: what moves by 0.2 of a
 * pixel differs by 0.1 of 255 more than without a stretch, by 0.3 of a pixel by 0.15 more.
 */
const MAX_MENDED_STRETCH = 0.22;

/**
 * Decides how a picture is made smaller. Large JPEG and WebP files are decoded at a reduced size,
 * which is much faster; a good part of the reduction is left to the filter, so that the crop stays
 * close to torchvision's.
 * @param picture its size, the format that libvips decodes, undefined for pixels that are decoded
 *   already, and whether the file has it upright
 * @param wanted the size that is wanted, nowhere larger
 */
export function planReduction(
  { format, size, isUpright }: Pick<Picture, 'format' | 'size' | 'isUpright'>,
  wanted: Size,
): Reduction {
  const reduction = Math.max(size.width / wanted.width, size.height / wanted.height);
  if (format === 'webp' && reduction >= MAX_FILTERED_REDUCTION) {
    return { oversampling: OVERSAMPLING_WEBP, fastShrinkOnLoad: true, shown: size };
  }
  const shown = format === 'jpeg' ? shownByJpeg(size, reduction, isUpright) : size;
  const isEnough = shown !== null && (format === 'jpeg' || reduction < MAX_FILTERED_REDUCTION);
  return { oversampling: isEnough ? 1 : OVERSAMPLING, fastShrinkOnLoad: false, shown: shown ?? size };
}

/**
 * Returns what a JPEG shows after a single resize, or null where its crop would not be close to
 * torchvision's. Pixels are left out on the right and at the bottom of the file, so where they
 * belong is only known for upright files.
 */
function shownByJpeg(size: Size, reduction: number, isUpright: boolean): Size | null {
  const decoding = jpegReduction(reduction);
  const left = reduction / decoding;
  if (left >= MAX_FILTERED_REDUCTION) return null;
  if (decoding === 1) return size;
  if (left < MIN_LEFT_AFTER_JPEG) return null;
  const whole = (side: number) => Math.floor(side / decoding) * decoding;
  const shown = { width: whole(size.width), height: whole(size.height) };
  const stretch = Math.max(size.width - shown.width, size.height - shown.height) / reduction;
  if (stretch <= MAX_STRETCH) return size;
  return isUpright && stretch <= MAX_MENDED_STRETCH ? shown : null;
}

/**
 * The reduction that sharp chooses for a JPEG when `fastShrinkOnLoad` is off: at least a reduction
 * by two is left.
 */
function jpegReduction(reduction: number): number {
  return [8, 4, 2].find((decoding) => reduction >= 2 * decoding) ?? 1;
}
