import type { Sharp } from 'sharp';
import type { Preprocessing } from '../manifest.ts';
import { fitPicture, multiply, sourceOf } from './fit.ts';
import type { ImageFormat } from './image.ts';
import type { Picture } from './open-picture.ts';
import { damaged } from './refusals.ts';
import { enlargeCrop, oversamplingFor, reduceCrop } from './resample.ts';

/**
 * Decodes a picture and fits it to a model.
 * @returns uint8 [crop, crop, 3] (height, width, RGB)
 * @throws {TruncatedImageError} when the file ends early or is damaged
 */
export async function readCrop({ format, size, open }: Picture, preprocessing: Preprocessing): Promise<Uint8Array> {
  const fit = fitPicture(size, preprocessing);
  const { resized, window, crop } = fit;
  if (resized.width > size.width || resized.height > size.height) {
    const source = sourceOf(fit, size);
    return enlargeCrop(await readPixels(open().extract(source), format), source, size, fit);
  }
  const oversampling = oversamplingFor(Math.max(size.width / resized.width, size.height / resized.height));
  const larger = await readPixels(
    open()
      // Extracting the whole image stops libvips from decoding a JPEG or WebP at half its size or
      // less, which is faster but less exact.
      .extract({ left: 0, top: 0, ...size })
      .resize(resized.width * oversampling, resized.height * oversampling, { fit: 'fill', kernel: 'linear' })
      .extract(multiply(window, oversampling)),
    format,
  );
  const within = { ...crop, left: crop.left - window.left, top: crop.top - window.top };
  return reduceCrop(larger, window, oversampling, within);
}

/**
 * Reads pixels as 8-bit sRGB, [height, width, 3]. sharp flattens transparency onto white before it
 * resizes, whatever the order of the calls.
 */
function readPixels(image: Sharp, format: ImageFormat): Promise<Uint8Array> {
  return image
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw damaged(format, cause);
    });
}
