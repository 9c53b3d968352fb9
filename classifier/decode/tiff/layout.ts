import { damaged, unsupported } from '../refusals.ts';
import { type Directory, numberOf, numbersOf } from './directory.ts';
import { EXTRA, PHOTOMETRIC, SAMPLE_FORMAT, TAG } from './tags.ts';

/** How the samples of a TIFF's first picture are stored. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Bits of each sample; they are the same for all. */
  readonly bits: number;
  /** One of SAMPLE_FORMAT. */
  readonly sampleFormat: number;
  /** Samples of a pixel, colour and extra ones together. */
  readonly samples: number;
  /** How many of them are colour. */
  readonly colours: number;
  /** The meaning of the extra samples (EXTRA), or undefined where the file does not say. */
  readonly extras: readonly number[] | undefined;
  readonly photometric: number;
  readonly compression: number;
  readonly predictor: number;
  /** Whether each sample has a plane of its own. */
  readonly planar: boolean;
  /** Height of a strip or tile in pixels. */
  readonly chunkHeight: number;
  /** Width of a tile in pixels; undefined where the picture is stored in strips. */
  readonly tileWidth: number | undefined;
  /** Chroma subsampling across and down: 1, 2 or 4. */
  readonly subsampling: readonly [number, number];
}

/** libtiff takes this for a file that does not say how its colours are subsampled. */
const DEFAULT_SUBSAMPLING = 2;
/**
 * More samples than this are refused. Where each has a plane of its own, each is unpacked by
 * itself: 65,535 planes of one pixel, in 500 kB, took minutes.
 */
const MAX_SAMPLES = 100;

/**
 * Reads how the samples are stored.
 * @throws {UnsupportedFormatError} when the samples of a pixel have different depths or kinds
 * @throws {TruncatedImageError} when what every TIFF has is missing
 */
export function readLayout(directory: Directory): Layout {
  const number = (tag: number, otherwise: number): number => numberOf(directory, tag, otherwise);
  const [width, height] = [number(TAG.imageWidth, 0), number(TAG.imageLength, 0)];
  if (!(width > 0 && height > 0)) throw damaged('tiff', 'its directory gives no width or height');
  const samples = number(TAG.samplesPerPixel, 1);
  if (!(samples > 0)) throw damaged('tiff', `its directory gives ${samples} samples per pixel`);
  if (samples > MAX_SAMPLES) throw unsupported('tiff', `of ${samples} samples a pixel`, 'grey, RGB or CMYK');
  const photometric = number(TAG.photometric, PHOTOMETRIC.blackIsZero);
  const tileWidth = numberOf(directory, TAG.tileWidth, undefined);
  const [across = DEFAULT_SUBSAMPLING, down = across] = numbersOf(directory, TAG.yCbCrSubsampling, 2) ?? [];
  const colours = Math.min(samples, coloursOf(photometric));
  return {
    width,
    height,
    bits: onlyOne(directory, TAG.bitsPerSample, samples, 1, 'bits per sample'),
    sampleFormat: onlyOne(directory, TAG.sampleFormat, samples, SAMPLE_FORMAT.unsigned, 'sample formats'),
    samples,
    colours,
    extras: directory.entries.has(TAG.extraSamples) ? extrasOf(directory, samples - colours) : undefined,
    photometric,
    compression: number(TAG.compression, 1),
    predictor: number(TAG.predictor, 1),
    planar: samples > 1 && number(TAG.planarConfiguration, 1) === 2,
    chunkHeight: tileWidth ? number(TAG.tileLength, 0) : Math.min(height, number(TAG.rowsPerStrip, height) || height),
    tileWidth,
    subsampling: [across, down],
  };
}

function coloursOf(photometric: number): number {
  if (photometric === PHOTOMETRIC.separated) return 4;
  const hasOne: number[] = [PHOTOMETRIC.whiteIsZero, PHOTOMETRIC.blackIsZero, PHOTOMETRIC.palette];
  return hasOne.includes(photometric) ? 1 : 3;
}

/** The meaning of each extra sample. What the file leaves out is unspecified. */
function extrasOf(directory: Directory, count: number): number[] {
  const told = numbersOf(directory, TAG.extraSamples, count) ?? [];
  return Array.from({ length: count }, (_, index) => told[index] ?? EXTRA.unspecified);
}

function onlyOne(directory: Directory, tag: number, samples: number, otherwise: number, name: string): number {
  const values = numbersOf(directory, tag, samples) ?? [];
  const [first = otherwise] = values;
  if (values.some((value) => value !== first)) {
    throw unsupported('tiff', `one with different ${name} (${values.join(', ')})`, 'a TIFF or PNG of 8 or 16 bits');
  }
  return first;
}
