import { decodeImage } from '../../../classifier/decode/decode.ts';
import { DEFAULT_MAX_PIXELS } from '../../../classifier/decode/limits.ts';
import { MAX_THUMBNAIL_BYTES, makeThumbnail } from '../../../classifier/decode/thumbnail.ts';
import { ImageError } from '../../../classifier/errors.ts';
import { PREPROCESSING } from '../../classifier/preprocessing.ts';
import { HostileFault, refusalOf, VALID } from '../kind.ts';

const CROP_BYTES = PREPROCESSING.crop ** 2 * 3;

/** Decodes a picture as the functions do, with the default limits. */
export async function tryDecoding(bytes: Uint8Array): Promise<string> {
  try {
    const { pixels, width, height } = await decodeImage(bytes, PREPROCESSING);
    const isSize = Number.isInteger(width) && Number.isInteger(height) && Math.min(width, height) > 0;
    if (pixels.length !== CROP_BYTES) throw new HostileFault(`there are ${pixels.length} bytes of pixels`);
    if (!isSize || width * height > DEFAULT_MAX_PIXELS) throw new HostileFault(`the size is ${width} x ${height}`);
    return VALID;
  } catch (error) {
    return refusalOf(error, ImageError);
  }
}

/** Makes a thumbnail of a picture as the API does. */
export async function tryThumbnail(bytes: Uint8Array): Promise<string> {
  try {
    const { length } = await makeThumbnail(bytes);
    if (length === 0 || length > MAX_THUMBNAIL_BYTES) throw new HostileFault(`the thumbnail has ${length} bytes`);
    return VALID;
  } catch (error) {
    return refusalOf(error, ImageError);
  }
}
