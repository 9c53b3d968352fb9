import { loadSharp } from '../../load-sharp.ts';
import { maxCostlyPixels } from '../limits.ts';
import { coloursOf, GREY_PROFILE } from '../profile-colours.ts';
import { damaged, unsupported } from '../refusals.ts';
import type { Source } from '../source.ts';
import { plainTiff } from '../tiff/plain.ts';
import { isFullRangeAv1 } from './av1-range.ts';
import { brandOf, withAvifBrand } from './avif-brand.ts';
import { BoxError, findBox } from './box-reader.ts';
import { nclxProfile } from './nclx-profile.ts';
import { EXPANDED } from './pixels-as-tiff.ts';
import { dataOf, type PrimaryPicture, propertyOf, readPrimaryPicture } from './primary-picture.ts';
import { readItems } from './read-items.ts';

const SEQUENCE_BRAND = 'avis';

/** The third byte of `av1C` has this bit where there is brightness only (AV1 ISOBMFF, 2.3.3). */
const MONOCHROME = 0x10;

/** What libvips leaves undone with a picture that it decodes. */
interface Colours {
  /** Whether the numbers run from 16 to 235 and are to be spread to 0 to 255. */
  readonly limitedRange: boolean;
  /** The profile that libvips does not apply. */
  readonly profile: Uint8Array | undefined;
}

/**
 * Finds out how sharp reads an AVIF file rightly. A sequence gets the brand of a picture, because
 * libvips refuses its own. Colours that libvips shows wrongly are put right; see `coloursLeft`.
 * Everything else is left to sharp, damaged files too.
 * @throws {UnsupportedFormatError} for a sequence without a still picture
 * @throws {TooManyPixelsError} before anything is decoded
 * @throws {TruncatedImageError} when a picture whose colours are put right cannot be decoded
 */
export async function readAvif(given: Uint8Array, maxPixels: number): Promise<Source> {
  try {
    const items = readItems(given);
    if (items === undefined) {
      if (findBox(given, 'moov')) throw unsupported('avif', 'a sequence without a still picture');
      return { bytes: given, readAs: 'avif' };
    }
    const bytes = brandOf(given) === SEQUENCE_BRAND ? withAvifBrand(given) : given;
    const colours = coloursLeft(bytes, readPrimaryPicture(bytes, items, maxCostlyPixels(maxPixels)));
    return colours ? await decode(bytes, colours) : { bytes, readAs: 'avif' };
  } catch (error) {
    if (error instanceof BoxError) return { bytes: given, readAs: 'avif' };
    throw error;
  }
}

/**
 * Finds out what libvips would leave undone. It makes grey to RGB, so that it neither applies a
 * grey profile nor spreads a limited range, and it does not look at the code numbers of colours.
 * @returns undefined where libvips shows the picture as it is meant
 */
function coloursLeft(bytes: Uint8Array, picture: PrimaryPicture): Colours | undefined {
  const { profile, nclx } = picture.colour;
  const grey = isGrey(bytes, picture);
  const limitedRange = grey && !isFullRange(bytes, picture);
  const own = profile ?? (nclx && nclxProfile(nclx));
  const isIgnored = profile ? grey && coloursOf(profile) === GREY_PROFILE : own !== undefined;
  return limitedRange || isIgnored ? { limitedRange, profile: own } : undefined;
}

/** Where the box `colr` says nothing about the range, the bitstream is asked. */
function isFullRange(bytes: Uint8Array, { colour, coded: [first] }: PrimaryPicture): boolean {
  return colour.nclx?.fullRange ?? (first && isFullRangeAv1(dataOf(bytes, first))) ?? true;
}

function isGrey(bytes: Uint8Array, { coded }: PrimaryPicture): boolean {
  return coded.every((item) => {
    const config = propertyOf(item, 'av1C');
    return config !== undefined && ((bytes[config.start + 2] ?? 0) & MONOCHROME) !== 0;
  });
}

/** Decodes a picture to a TIFF that libvips shows as meant. */
async function decode(bytes: Uint8Array, { limitedRange, profile }: Colours): Promise<Source> {
  const { data, info } = await loadSharp()(bytes, { failOn: 'error', limitInputPixels: false, ignoreIcc: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw damaged('avif', cause);
    });
  const { width, height, channels } = info;
  const colours = coloursOf(profile) === GREY_PROFILE ? 1 : 3;
  const hasAlpha = channels === 4;
  const tiff = plainTiff({ width, height, channels: colours, hasAlpha, profile });
  for (let from = 0, to = 0; from < data.length; from += channels) {
    for (let colour = 0; colour < colours; colour += 1, to += 1) {
      const value = data[from + colour] ?? 0;
      tiff.pixels[to] = limitedRange ? (EXPANDED[value] ?? 0) : value;
    }
    if (hasAlpha) {
      tiff.pixels[to] = data[from + 3] ?? 0;
      to += 1;
    }
  }
  return { bytes: tiff.bytes, readAs: 'tiff', release: () => tiff.bytes.buffer.resize(0) };
}
