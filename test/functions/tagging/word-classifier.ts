import { createHash } from 'node:crypto';
import { NotAnImageError } from '../../../classifier/errors.ts';
import type { ClassifyEntry } from '../../../classifier/types.ts';
import { createTurns } from '../../../functions/side-by-side/turns.ts';
import { createSmallAnswerer, type HeavyAnswerer, type ImageClassifier } from '../../../functions/tagging/answerer.ts';

export const MODEL_NAME = 'words';
export const HEAVY_NAME = 'LOUD-WORDS';
/** Another small model, which answers like the heavy one. */
export const OTHER_NAME = 'other-words';
export const MODEL_SHA256 = sha256Of(MODEL_NAME);

/** Every word is a word. */
const WORD = { id: 'word', label: 'word', probability: 1 };

/** Search concepts above some words. */
const CONCEPTS = [
  { id: 'n02127808', label: 'big cat', words: ['lion', 'cub'] },
  { id: 'n02512053', label: 'fish', words: ['trout'] },
];

/**
 * A "model" that reads text instead of pictures: its words, twice as probable as what follows, and
 * what is above them. Text beginning with `bad` is no image.
 */
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
  const above = CONCEPTS.map(({ id, label, words }) => {
    const below = predictions.filter((prediction) => words.includes(prediction.label.toLowerCase()));
    return { id, label, probability: below.reduce((sum, { probability }) => sum + probability, 0) };
  });
  const concepts = [...above.filter(({ probability }) => probability >= 0.1), WORD];
  return {
    predictions,
    concepts,
    concept: concepts[0] ?? null,
    image: { width: text.length, height: 1, format: 'png', bytes: Buffer.byteLength(text) },
    timings: { decode: 0, run: 0, total: 0 },
  };
}

export const wordClassifier: ImageClassifier = {
  manifest: manifestOf(MODEL_NAME),
  classify: async (images) => images.map((image) => classifyWords(Buffer.from(image).toString())),
};

/** The small model, alone: every object is its own to answer. */
export const wordAnswerer = createSmallAnswerer(
  MODEL_NAME,
  async () => wordClassifier,
  { chooseRoute: () => ({ kind: 'small', model: MODEL_NAME }), heavyModels: [HEAVY_NAME] },
  createTurns(1),
);

/** Another small model, alone: it reads the same words, and says them louder. */
export const otherWordAnswerer = createSmallAnswerer(
  OTHER_NAME,
  async () => ({
    manifest: manifestOf(OTHER_NAME),
    classify: async (images) => images.map((image) => classifyWords(Buffer.from(image).toString().toUpperCase())),
  }),
  { chooseRoute: () => ({ kind: 'small', model: OTHER_NAME }), heavyModels: [HEAVY_NAME] },
  createTurns(1),
);

/** The heavy model: it reads the same words, and says them louder. */
export const heavyWordAnswerer: HeavyAnswerer = {
  kind: 'heavy',
  stage: 1,
  modelName: HEAVY_NAME,
  modelSha256: async () => sha256Of(HEAVY_NAME),
  classify: async (bytes) => {
    const entry = classifyWords(Buffer.from(bytes).toString().toUpperCase());
    if ('error' in entry) throw entry.error;
    return { ...entry, model: { name: HEAVY_NAME, sha256: sha256Of(HEAVY_NAME) } };
  },
};

function manifestOf(name: string): ImageClassifier['manifest'] {
  const file = { bytes: 1, sha256: sha256Of(name) };
  return { name, files: { 'model.onnx': file, 'weights.bin': file } };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
