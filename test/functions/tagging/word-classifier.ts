import { createHash } from 'node:crypto';
import { NotAnImageError } from '../../../classifier/errors.ts';
import type { ClassifyEntry } from '../../../classifier/types.ts';
import type { ImageClassifier } from '../../../functions/tagging/inspect.ts';

export const MODEL_NAME = 'words';
export const HEAVY_NAME = 'LOUD-WORDS';
export const MODEL_SHA256 = createHash('sha256').update(MODEL_NAME).digest('hex');

/** A "model" that reads text instead of pictures: its words, twice as probable as what follows. Text beginning with `bad` is no image. */
export function classifyWords(text: string): ClassifyEntry {
  if (/^bad/i.test(text))
    return { error: new NotAnImageError(`image of ${text.length} bytes: expected a picture, found text.`) };
  const predictions = text.split(' ').map((label, index) => ({
    rank: index + 1,
    label,
    wnid: null,
    index,
    probability: 0.5 ** (index + 1),
  }));
  return {
    predictions,
    image: { width: text.length, height: 1, format: 'png', bytes: Buffer.byteLength(text) },
    timings: { decode: 0, run: 0, total: 0 },
  };
}

export const wordClassifier: ImageClassifier = {
  manifest: manifestOf(MODEL_NAME),
  classify: async (images) => images.map((image) => classifyWords(Buffer.from(image).toString())),
};

/** The heavy model: it reads the same words, and says them louder. */
export const heavyWordClassifier: ImageClassifier = {
  manifest: manifestOf(HEAVY_NAME),
  classify: async (images) => images.map((image) => classifyWords(Buffer.from(image).toString().toUpperCase())),
};

function manifestOf(name: string): ImageClassifier['manifest'] {
  const file = { bytes: 1, sha256: createHash('sha256').update(name).digest('hex') };
  return { name, files: { 'model.onnx': file, 'weights.bin': file } };
}
