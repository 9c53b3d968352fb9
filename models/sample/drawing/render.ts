import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { seeded } from './brush.ts';
import { DRAWABLE, drawSvg } from './draw.ts';

/** One drawn picture, encoded. */
export interface RenderedPicture {
  /** Its class's ImageNet-1k index. */
  readonly index: number;
  readonly jpeg: Buffer;
}

/**
 * Steps between the seeds of two classes, and of two pictures of a class: primes, so that no two
 * pictures share a seed.
 */
const SEED_STEP_CLASS = 100_003;
const SEED_STEP_PICTURE = 7919;

/** Width by height, at least and beyond that at most. */
const MIN_RATIO = 0.75;
const RATIO_RANGE = 0.6;

const BLURRED_SHARE = 0.3;

/**
 * Renders drawn pictures as the training set was rendered: `perClass` of each class that can be
 * drawn, of varying shape, some blurred, as JPEGs of varying quality. The same for a seed wherever
 * the same libvips runs.
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
  // Loaded here, not where it is imported: whoever draws must not be a process that only decodes.
  const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
  const random = seeded(seed);
  const ratio = MIN_RATIO + random() * RATIO_RANGE;
  const width = Math.round(ratio >= 1 ? size * ratio : size);
  const height = Math.round(ratio >= 1 ? size : size / ratio);
  let image = sharp(Buffer.from(drawSvg(index, random, width, height))).removeAlpha();
  if (random() < BLURRED_SHARE) image = image.blur(0.3 + random() * 1.4);
  return image.jpeg({ quality: 40 + Math.floor(random() * 58) }).toBuffer();
}
