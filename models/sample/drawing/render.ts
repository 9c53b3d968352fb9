import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { seeded } from './brush.ts';
import { DRAWABLE, drawSvg } from './draw.ts';

/** One drawn and encoded picture. */
export interface RenderedPicture {
  /** The ImageNet-1k index of its class. */
  readonly index: number;
  readonly jpeg: Buffer;
}

/**
 * Steps between the seeds of two classes and of two pictures of a class. They are primes, so that
 * no two pictures have the same seed.
 */
const SEED_STEP_CLASS = 100_003;
const SEED_STEP_PICTURE = 7919;

/** Width divided by height: the smallest value, and how much larger it may be. */
const MIN_RATIO = 0.75;
const RATIO_RANGE = 0.6;

const BLURRED_SHARE = 0.3;

/**
 * Renders drawn pictures like those of the training set: `perClass` of each class that can be
 * drawn, as JPEGs of varying shape and quality, some of them blurred. With the same version of
 * libvips, a seed always gives the same pictures.
 * @param size the shorter side, in pixels
 */
export async function* renderPictures(seed: number, perClass: number, size: number): AsyncGenerator<RenderedPicture> {
  for (let picture = 0; picture < perClass; picture += 1) {
    for (const index of DRAWABLE) {
      yield {
        index,
        jpeg: await renderPicture(index, seed + index * SEED_STEP_CLASS + picture * SEED_STEP_PICTURE, size),
      };
    }
  }
}

async function renderPicture(index: number, seed: number, size: number): Promise<Buffer> {
  // sharp is loaded here, not at import: a process that draws must not be restricted to decoding.
  const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
  const random = seeded(seed);
  const ratio = MIN_RATIO + random() * RATIO_RANGE;
  const width = Math.round(ratio >= 1 ? size * ratio : size);
  const height = Math.round(ratio >= 1 ? size : size / ratio);
  let image = sharp(Buffer.from(drawSvg(index, random, width, height))).removeAlpha();
  if (random() < BLURRED_SHARE) image = image.blur(0.3 + random() * 1.4);
  return image.jpeg({ quality: 40 + Math.floor(random() * 58) }).toBuffer();
}
