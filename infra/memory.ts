import type { Manifest } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';
import type { Configuration } from './configuration.ts';

/** Memory in MB for Node, the bundle, onnxruntime-node, sharp, and the decoding of an image. */
const BASE_MB = 200;

/**
 * The weights are mapped from disk, and ONNX Runtime keeps a second copy in a layout for the
 * processor.
 */
const COPIES_OF_WEIGHTS = 2;

/**
 * What decoding HEIC adds, in MB: libheif and its thread, and for each million pixels. Measured with
 * `bench/heic.ts`: 227 MB for 12.2 megapixels and 548 MB for 48.8.
 */
const HEIC_BASE_MB = 120;
const HEIC_MB_PER_MEGAPIXEL = 9;

type Images = Pick<Configuration, 'heic' | 'maxImagePixels'>;

/**
 * Computes the memory in MB that a Lambda function with this model needs.
 * @example requiredMemoryMb(resnet50, { heic: false, maxImagePixels: 100e6 }) // 405, for 102 MB
 */
export function requiredMemoryMb({ files }: Pick<Manifest, 'files'>, { heic, maxImagePixels }: Images): number {
  const model = (COPIES_OF_WEIGHTS * files['weights.bin'].bytes) / 1e6;
  const images = heic ? HEIC_BASE_MB + (HEIC_MB_PER_MEGAPIXEL * maxImagePixels) / 1e6 : 0;
  return Math.ceil(BASE_MB + model + images);
}

/**
 * Refuses too little memory.
 * @throws {ConfigurationError} in one line, with the smallest value that is enough
 */
export function requireMemory(manifest: Manifest, configuration: Images & Pick<Configuration, 'memoryMb'>): void {
  const { heic, memoryMb } = configuration;
  const needed = requiredMemoryMb(manifest, configuration);
  if (memoryMb >= needed) return;
  const other = heic ? ' A smaller maxImagePixels, or -c heic=false, needs less.' : '';
  throw new ConfigurationError(
    `memoryMb is ${memoryMb}, but ${manifest.name} needs at least ${needed} MB${heic ? ' with the largest HEIC images' : ''}. Pass -c memoryMb=${needed} or more (1769 MB is one full vCPU).${other}`,
  );
}
