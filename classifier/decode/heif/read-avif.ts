import { loadSharp } from '../../load-sharp.ts';
import { damaged, unsupported } from '../refusals.ts';
import { brandOf, withAvifBrand } from './avif-brand.ts';
import { BoxError, findBox } from './box-reader.ts';
import { pixelsAsTiff } from './pixels-as-tiff.ts';
import { type PrimaryPicture, propertyOf, readPrimaryPicture } from './primary-picture.ts';
import type { Readable } from './read-heic.ts';
import { readItems } from './read-items.ts';

const SEQUENCE_BRAND = 'avis';

/** The third byte of `av1C` has this bit where there is brightness only (AV1 ISOBMFF, 2.3.3). */
const MONOCHROME = 0x10;
const CHANNELS = 3;

/**
 * Finds out how sharp reads an AVIF file rightly. A sequence gets the brand of a picture, because
 * libvips refuses its own. Brightness that the box `colr` says to be in limited range is expanded
 * here, because libvips does not. Everything else is left to sharp, damaged files too.
 * @throws {UnsupportedFormatError} for a sequence without a still picture
 * @throws {TooManyPixelsError} before anything is decoded
 * @throws {TruncatedImageError} when brightness in limited range cannot be decoded
 */
export async function readAvif(given: Uint8Array, maxPixels: number): Promise<Readable> {
  try {
    const items = readItems(given);
    if (items === undefined) {
      if (findBox(given, 'moov')) throw unsupported('avif', 'a sequence without a still picture');
      return { bytes: given, readAs: 'avif' };
    }
    const bytes = brandOf(given) === SEQUENCE_BRAND ? withAvifBrand(given) : given;
    const picture = readPrimaryPicture(bytes, items, maxPixels);
    if (isLimitedGrey(bytes, picture)) return await expand(bytes, picture);
    return { bytes, readAs: 'avif' };
  } catch (error) {
    if (error instanceof BoxError) return { bytes: given, readAs: 'avif' };
    throw error;
  }
}

function isLimitedGrey(bytes: Uint8Array, { coded, colour }: PrimaryPicture): boolean {
  const isGrey = coded.every((item) => {
    const config = propertyOf(item, 'av1C');
    return config !== undefined && ((bytes[config.start + 2] ?? 0) & MONOCHROME) !== 0;
  });
  return isGrey && colour.nclx?.fullRange === false;
}

async function expand(bytes: Uint8Array, { colour }: PrimaryPicture): Promise<Readable> {
  const { data, info } = await loadSharp()(bytes, { failOn: 'error', limitInputPixels: false, ignoreIcc: true })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw damaged('avif', cause);
    });
  const rowBytes = info.width * CHANNELS;
  const tiff = pixelsAsTiff(
    {
      width: info.width,
      height: info.height,
      channels: CHANNELS,
      premultiplied: false,
      limitedRange: true,
      forEachRow(use) {
        for (let y = 0; y < info.height; y += 1) use(data.subarray(y * rowBytes, (y + 1) * rowBytes), y);
      },
    },
    colour.profile,
  );
  return { bytes: tiff, readAs: 'tiff', release: () => tiff.buffer.resize(0) };
}
