import type { UnsupportedFormatError } from '../../errors.ts';
import { unsupported } from '../refusals.ts';
import type { Layout } from './layout.ts';
import { COMPRESSION, EXTRA, PHOTOMETRIC, SAMPLE_FORMAT } from './tags.ts';

/** Compressions that sharp's libtiff lacks, by libtiff's list of numbers. */
const MISSING_COMPRESSIONS: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  9: 'JBIG',
  10: 'JBIG',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG of a DNG',
  34925: 'LZMA',
  34926: 'Zstandard',
  34933: 'PNG',
  50000: 'Zstandard',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/** What libvips reads: none, CCITT, LZW, JPEG, deflate, PackBits, WebP and libtiff's oldest two. */
const LIBTIFF_COMPRESSIONS = [1, 2, 3, 4, 5, 7, 8, 32766, 32771, 32773, 32809, 32946, 50001];

const UNSUPPORTED_PHOTOMETRICS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  10: 'ITU L*a*b* (fax)',
  32803: 'raw sensor data (DNG)',
  32844: 'LogL',
  32845: 'LogLuv',
  34892: 'raw sensor data (DNG)',
};

const CURE = 'a TIFF with LZW or no compression, to PNG or to JPEG';

/**
 * Refuses what neither libvips nor this room can decode.
 * @throws {UnsupportedFormatError}
 */
export function requireKnown({ compression, photometric, bits }: Layout): void {
  const missing = MISSING_COMPRESSIONS[compression];
  if (missing !== undefined || !LIBTIFF_COMPRESSIONS.includes(compression)) {
    throw unsupported('tiff', `compressed with ${missing ?? `method ${compression}`}`, CURE);
  }
  const kind = UNSUPPORTED_PHOTOMETRICS[photometric];
  if (kind !== undefined || (photometric > PHOTOMETRIC.iccLab && kind === undefined)) {
    throw unsupported('tiff', kind ?? `of colour kind ${photometric}`, 'grey, RGB or CMYK');
  }
  if (compression === COMPRESSION.jpeg && bits !== 8) throw unsupported('tiff', `a JPEG of ${bits} bits`, CURE);
}

/** Whether libvips shows the samples as they are meant. */
export function isPlain(layout: Layout): boolean {
  const { bits, sampleFormat, samples, colours, extras, photometric, compression, planar, tileWidth } = layout;
  const isWhole: number[] = [SAMPLE_FORMAT.unsigned, SAMPLE_FORMAT.void];
  if (!isWhole.includes(sampleFormat) || (planar && tileWidth !== undefined)) return false;
  if (bits < 8) return [1, 2, 4].includes(bits) && samples === 1 && colours === 1;
  if (bits !== 8 && bits !== 16) return false;
  // The file does not say what the extra samples are: libvips takes one for transparency.
  const [extra, ...others] = extras ?? [];
  if (extra !== undefined && (extra !== EXTRA.alpha || others.length > 0)) return false;
  if (photometric === PHOTOMETRIC.yCbCr) return compression === COMPRESSION.jpeg;
  return photometric !== PHOTOMETRIC.cieLab && photometric !== PHOTOMETRIC.iccLab;
}

/** Says that libvips shows something else, and that this room cannot unpack it either. */
export function notUnpackable({ compression, bits, samples, photometric }: Layout): UnsupportedFormatError {
  return unsupported(
    'tiff',
    `of ${samples} samples of ${bits} bits, colour kind ${photometric}, compressed with method ${compression}`,
    CURE,
  );
}
