import { blockOtherLoaders } from '../../../classifier/decode/block-other-loaders.ts';
import { type Attempt, HostileFault, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { type CorpusPicture, pictureCorpus } from './corpus.ts';
import { DISGUISES } from './disguises.ts';
import { MUTATIONS, mutationsFor } from './mutate.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { tryDecoding, tryThumbnail } from './try-picture.ts';

const DISGUISED_SHARE = 0.1;
const CHANGED_TWICE_SHARE = 0.3;
/** Encoding thumbnails takes most of the time, and what they are made of was decoded before. */
const THUMBNAIL_SHARE = 0.25;

/**
 * Opens the pictures: six formats and HEIC, changed piece by piece, and files of other kinds. Each
 * is decoded, and of a quarter of what could be decoded a thumbnail is made, as in the functions:
 * libvips loads nothing but the formats of the product, and keeps nothing.
 */
export async function openPictures(): Promise<Trial> {
  const corpus = await pictureCorpus();
  blockOtherLoaders();
  return { make: (random) => pictureAttempt(random, corpus), close: async () => undefined };
}

/** Makes one picture. */
export function pictureAttempt(random: Random, corpus: readonly CorpusPicture[]): Attempt {
  if (random.isChance(DISGUISED_SHARE)) {
    const name = random.oneOf(Object.keys(DISGUISES));
    return attemptOf(`disguise: ${name}`, DISGUISES[name]?.(random, corpus) ?? Buffer.alloc(0), random);
  }
  const picture = random.oneOf(corpus);
  const { name, bytes } = change(picture, random, corpus);
  const again = { ...picture, bytes };
  if (!random.isChance(CHANGED_TWICE_SHARE) || piecesOrNone(again).length === 0) {
    return attemptOf(`${picture.format}: ${name}`, bytes, random);
  }
  return attemptOf(`${picture.format}: two changes`, change(again, random, corpus).bytes, random);
}

function change(picture: CorpusPicture, random: Random, corpus: readonly CorpusPicture[]) {
  const name = random.oneOf(mutationsFor(picture.format));
  const subject = { ...picture, pieces: piecesOrNone(picture) };
  try {
    return { name, bytes: MUTATIONS[name]?.(subject, random, corpus) ?? picture.bytes };
  } catch (error) {
    // What was changed once may no longer have the field that is to be changed.
    if (error instanceof RangeError) return { name, bytes: picture.bytes };
    throw error;
  }
}

/** A picture that was changed once may no longer be taken apart. */
function piecesOrNone({ format, bytes }: CorpusPicture): Piece[] {
  try {
    return piecesOf(format, bytes).filter(({ start, end }) => end > start && end <= bytes.length);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function attemptOf(mutation: string, bytes: Buffer, random: Random): Attempt {
  const hasThumbnail = random.isChance(THUMBNAIL_SHARE);
  return {
    mutation,
    file: bytes,
    async run() {
      const before = Buffer.from(bytes);
      const outcome = await tryDecoding(bytes);
      if (outcome === VALID && hasThumbnail) await tryThumbnail(bytes);
      if (!bytes.equals(before)) throw new HostileFault('the bytes of the picture were changed');
      return outcome;
    },
  };
}
