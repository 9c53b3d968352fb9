import type { Metadata, Sharp } from 'sharp';
import type { Size } from './fit.ts';
import { CMYK_PROFILE, coloursOf } from './profile-colours.ts';

/** The pipeline that reads a picture, upright. */
type Open = () => Sharp;

/** The 16-bit colour spaces, and the 8-bit ones that they are rounded to. */
const EIGHT_BITS: Readonly<Record<string, 'srgb' | 'b-w'>> = { rgb16: 'srgb', grey16: 'b-w' };

const INKS = 4;

/** What comes of `toSrgb`: a pipeline, or pixels that are sRGB already. */
export type SrgbSource = { readonly open: Open } | { readonly rgb: Uint8Array };

/**
 * Makes sure that a picture becomes sRGB as its profile says, else as other programs show it.
 *
 * - 16 bits become 8 first. sharp would convert an RGB profile to Display P3 and ignore a grey one.
 * - CMYK without a profile of its own becomes RGB by R = (255 - C) (255 - K) / 255, as in Pillow,
 *   browsers and ImageMagick. sharp would take a printer's profile.
 * @param size the size after EXIF orientation
 */
export async function toSrgb(open: Open, metadata: Metadata, size: Size): Promise<SrgbSource> {
  const { space, icc } = metadata;
  const eightBits = EIGHT_BITS[space];
  if (eightBits && icc) return { open: () => open().pipelineColourspace(eightBits) };
  if (space === 'cmyk' && coloursOf(icc) !== CMYK_PROFILE) return { rgb: await readInks(open(), metadata, size) };
  return { open };
}

/** Reads CMYK, with or without transparency, as RGB on white. */
async function readInks(
  image: Sharp,
  { channels, depth, hasAlpha }: Metadata,
  { width, height }: Size,
): Promise<Uint8Array> {
  const isLong = depth === 'ushort';
  const inks = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: isLong ? 'ushort' : 'uchar' })
    .toBuffer();
  const most = isLong ? 65_535 : 255;
  const values = isLong ? new Uint16Array(inks.buffer, inks.byteOffset, inks.length / 2) : inks;
  // Written over the inks: a pixel of the result is never behind the pixel that it is made of.
  const rgb = new Uint8ClampedArray(inks.buffer, inks.byteOffset, width * height * 3);
  for (let to = 0, from = 0; to < rgb.length; from += channels) {
    const white = most - (values[from + INKS - 1] ?? 0);
    const opacity = hasAlpha ? (values[from + INKS] ?? 0) / most : 1;
    const [cyan = 0, magenta = 0, yellow = 0] = [values[from], values[from + 1], values[from + 2]];
    for (const ink of [cyan, magenta, yellow]) {
      const level = ((most - ink) * white * 255) / most ** 2;
      rgb[to] = 255 + (level - 255) * opacity;
      to += 1;
    }
  }
  return new Uint8Array(rgb.buffer, rgb.byteOffset, rgb.length);
}
