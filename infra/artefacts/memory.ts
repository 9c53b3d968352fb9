import type { Manifest } from '../../classifier/manifest.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import type { Configuration } from '../configuration/configuration.ts';

/** Memory in MB for Node, the bundle, onnxruntime-node, sharp, and the decoding of an image. */
const BASE_MB = 200;

/**
 * The weights are mapped from disk, and ONNX Runtime keeps a second copy in a layout for the
 * processor.
 */
const COPIES_OF_WEIGHTS = 2;

/** What the largest picture of a kind adds, in MB: whatever its size, and for each million pixels. */
interface PictureMemory {
  readonly base: number;
  readonly perMegapixel: number;
}

/**
 * HEIC is decoded as a whole by libheif, which has a thread of its own. Measured with
 * `bench/heic.ts`: 227 MB for 12.2 megapixels and 548 MB for 48.8.
 */
const HEIC: PictureMemory = { base: 120, perMegapixel: 9 };

/**
 * A TIFF that libvips cannot read rightly is held as a whole twice, unpacked and converted. Measured
 * with the same program, with RGB and associated alpha: 189 MB for 12 megapixels and 661 MB for 48.
 * Pictures of all other kinds take less: a progressive JPEG of 100 megapixels 780 MB, and an AVIF
 * 515 MB for 12 megapixels, of which it may have three tenths of `maxImagePixels`.
 */
const HELD_WHOLE: PictureMemory = { base: 35, perMegapixel: 13.1 };

type Images = Pick<Configuration, 'heic' | 'maxImagePixels'>;

/**
 * Computes the memory in MB that a Lambda function with this model needs.
 * @example requiredMemoryMb(resnet50, { heic: false, maxImagePixels: 100e6 }) // 1750, for 102 MB
 */
export function requiredMemoryMb({ files }: Pick<Manifest, 'files'>, { heic, maxImagePixels }: Images): number {
  const model = (COPIES_OF_WEIGHTS * files['weights.bin'].bytes) / 1e6;
  // Pictures are decoded one after the other, so that only the largest counts.
  const kinds = heic ? [HEIC, HELD_WHOLE] : [HELD_WHOLE];
  const pictures = kinds.map(({ base, perMegapixel }) => base + (perMegapixel * maxImagePixels) / 1e6);
  return Math.ceil(BASE_MB + model + Math.max(...pictures));
}

/**
 * Refuses too little memory.
 * @throws {ConfigurationError} in one line, with the smallest value that is enough
 */
export function requireMemory(manifest: Manifest, configuration: Images & Pick<Configuration, 'memoryMb'>): void {
  const { heic, memoryMb } = configuration;
  const needed = requiredMemoryMb(manifest, configuration);
  if (memoryMb >= needed) return;
  const withoutHeic = requiredMemoryMb(manifest, { ...configuration, heic: false });
  const other =
    heic && withoutHeic < needed ? 'A smaller maxImagePixels, or -c heic=false,' : 'A smaller maxImagePixels';
  throw new ConfigurationError(
    `memoryMb is ${memoryMb}, but ${manifest.name} needs at least ${needed} MB with the largest images. Pass -c memoryMb=${needed} or more (1769 MB is one full vCPU). ${other} needs less.`,
  );
}
