import type { Sharp } from 'sharp';
import { loadSharp } from '../load-sharp.ts';
import type { Preprocessing } from '../manifest.ts';
import { type Fit, fitPicture, isWhole, multiply, type Size, sourceOf } from './fit.ts';
import type { Picture } from './open-picture.ts';
import { planReduction, type Reduction } from './reduction.ts';
import { cutOut, enlargeCrop, unstretchCrop } from './resample.ts';

const LINEAR = { fit: 'fill', kernel: 'linear' } as const;

/**
 * Decodes a picture and fits it to a model.
 * @returns uint8 [crop, crop, 3] (height, width, RGB)
 * @throws {TruncatedImageError} when the file ends early or is damaged
 */
export async function readCrop(picture: Picture, preprocessing: Preprocessing): Promise<Uint8Array> {
  const { size, open } = picture;
  const fit = fitPicture(size, preprocessing);
  const { resized, window, crop } = fit;
  if (resized.width > size.width || resized.height > size.height) {
    const source = sourceOf(fit, size);
    return enlargeCrop(await readPixels(open().extract(source), picture), source, size, fit);
  }
  const plan = planReduction(isWhole(fit) ? picture : { ...picture, format: undefined }, resized);
  const pixels = await readReduced(picture, fit, plan);
  if (plan.shown !== size) return unstretchCrop(pixels, plan.shown, size, fit);
  return cutOut(pixels, window.width, { ...crop, left: crop.left - window.left, top: crop.top - window.top });
}

/**
 * Reads the window of a picture, reduced to its size.
 *
 * libvips does not cut the crop out itself: sharp turns the reduction while decoding off as soon as
 * a region is extracted, and libvips would stop reading before the end of a tall picture and never
 * notice that the rest of the file is missing. Only the window of a strip is extracted.
 * @returns uint8 [window.height, window.width, 3]
 */
async function readReduced(picture: Picture, fit: Fit, plan: Reduction): Promise<Uint8Array> {
  const { resized, window } = fit;
  const { oversampling, fastShrinkOnLoad } = plan;
  const larger = multiply(window, oversampling);
  const whole = multiply({ left: 0, top: 0, ...resized }, oversampling);
  const first = picture.open().resize(whole.width, whole.height, { ...LINEAR, fastShrinkOnLoad });
  const pixels = await readPixels(isWhole(fit) ? first : first.extract(larger), picture);
  return oversampling === 1 ? pixels : resizePixels(pixels, larger, window);
}

/**
 * Reads pixels as 8-bit sRGB, [height, width, 3]. sharp flattens transparency onto white before it
 * resizes, whatever the order of the calls.
 */
function readPixels(image: Sharp, { damaged }: Picture): Promise<Uint8Array> {
  return image
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw damaged(cause);
    });
}

/** Resizes pixels, uint8 [height, width, 3]. */
function resizePixels(pixels: Uint8Array, { width, height }: Size, to: Size): Promise<Uint8Array> {
  return loadSharp()(pixels, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, LINEAR)
    .raw()
    .toBuffer();
}
