import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { decodeImage } from '../../classifier/decode/decode.ts';
import { SUPPORTED_FORMATS } from '../../classifier/decode/format.ts';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import type { Preprocessing } from '../../classifier/manifest.ts';
import { mulberry32 } from '../../classifier/mulberry32.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { DRAWABLE } from '../sample/drawing/draw.ts';
import { renderPictures } from '../sample/drawing/render.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import type { OnStep } from './on-step.ts';

/**
 * Images to choose the ranges with, and other images to check the result with; each uint8 [224,
 * 224, 3].
 */
export interface Pictures {
  readonly calibration: readonly Uint8Array[];
  readonly heldBack: readonly Uint8Array[];
}

/** A folder has too few images for a calibration. */
export class TooFewImagesError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'too-few-images', status: 422, cause });
  }
}

/** More images than this hardly change the ranges: docs/decisions/models.md. */
const MAX_CALIBRATION_IMAGES = 128;
/** With this many images, one image is less than half a percent of the agreement. */
const MAX_HELD_BACK_IMAGES = 256;
const MAX_IMAGES = MAX_CALIBRATION_IMAGES + MAX_HELD_BACK_IMAGES;
const LEAST_IMAGES = 2;

/** How many of the files that are left out an error or a warning names. */
const NAMED_FILES = 3;

/** Any seed would do. The choice of images must not depend on the order of their names. */
const SHUFFLE_SEED = 1;

/** A seed of images with which the sample model was neither trained nor tested. */
const DRAWN_SEED = 660_000_001;
const DRAWN_PER_CLASS = 2;
const DRAWN_SIDE = 256;
const NOISE_PICTURES = 32;
const GENERATED_PICTURES = NOISE_PICTURES + DRAWABLE.length * DRAWN_PER_CLASS;

/**
 * Reads the images in a folder and its subfolders, except hidden files. Of many images it takes a
 * few hundred at random. A third of them is for calibration.
 * @param onWarning told once, with their number, of the files that are not readable images
 * @param onStep called after each image
 * @throws {TooFewImagesError} when fewer than two can be read
 */
export async function readPictures(
  folder: string,
  preprocessing: Preprocessing,
  onWarning: (text: string) => void,
  onStep: OnStep = () => {},
): Promise<Pictures> {
  const images: Uint8Array[] = [];
  const skipped: string[] = [];
  const files = shuffled(await listFiles(folder));
  for (const file of files) {
    if (images.length === MAX_IMAGES) break;
    onStep('reading images', images.length, Math.min(files.length, MAX_IMAGES));
    try {
      images.push((await decodeImage(await readFile(file), preprocessing)).pixels);
    } catch (error) {
      skipped.push(`${relative(folder, file)} (${await whyUnreadable(file, error)})`);
    }
  }
  const named = skipped.slice(0, NAMED_FILES).join(', ') + (skipped.length > NAMED_FILES ? ' …' : '');
  if (images.length < LEAST_IMAGES) {
    throw new TooFewImagesError(
      `${folder} has ${images.length} readable images and ${skipped.length} other files${named && `: ${named}`}; calibration needs at least ${LEAST_IMAGES} images, better 64 or more. ` +
        `Give a folder of images in ${SUPPORTED_FORMATS}, or leave out --images.`,
    );
  }
  if (skipped.length > 0) {
    onWarning(
      `left out ${skipped.length} of the ${files.length} files in ${folder}, which are not readable images: ${named}`,
    );
  }
  const calibrating = Math.ceil(images.length / 3);
  return { calibration: images.slice(0, calibrating), heldBack: images.slice(calibrating) };
}

/**
 * Generated images by preprocessing. Drawing them takes seconds, and `fetch all` compares twelve
 * models on the same ones.
 */
const generated = new Map<string, Promise<Uint8Array[]>>();

/**
 * Returns images that need no files: drawn ones, and smooth slopes with noise on top.
 * @param onStep called after each image
 */
export function generatedPictures(
  preprocessing: Preprocessing,
  onStep: OnStep = () => {},
): Promise<readonly Uint8Array[]> {
  const key = JSON.stringify(preprocessing);
  const pictures = generated.get(key) ?? generate(preprocessing, onStep);
  generated.set(key, pictures);
  return pictures;
}

async function generate(preprocessing: Preprocessing, onStep: OnStep): Promise<Uint8Array[]> {
  const images = Array.from({ length: NOISE_PICTURES }, (_, index) => selfTestImage(index + 1));
  for await (const { jpeg } of renderPictures(DRAWN_SEED, DRAWN_PER_CLASS, DRAWN_SIDE)) {
    images.push((await decodeImage(jpeg, preprocessing)).pixels);
    onStep('drawing images', images.length, GENERATED_PICTURES);
  }
  return images;
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    const reason = await whyUnreadable(folder, cause);
    throw new TooFewImagesError(`${folder} cannot be read: ${reason}. Give a folder of images.`, cause);
  }
}

/** Shuffles as Fisher and Yates do; the result is always the same for the same list. */
function shuffled(files: readonly string[]): string[] {
  const random = mulberry32(SHUFFLE_SEED);
  const result = [...files];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random() % (index + 1);
    [result[index], result[other]] = [result[other] ?? '', result[index] ?? ''];
  }
  return result;
}
