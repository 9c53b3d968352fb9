import type { Manifest } from '../../classifier/manifest.ts';
import { predict } from '../../classifier/predict.ts';
import { type ModelSession, openSession } from '../../classifier/session.ts';
import type { Derived } from './derive-manifest.ts';
import { round } from './round.ts';

/** How well another package of the same weights agrees with the fp32 one. */
export type Agreement = Pick<
  NonNullable<Manifest['fidelity']>,
  'top1Agreement' | 'top5Overlap' | 'meanProbabilityDifference' | 'logitSignalToNoiseDb' | 'images'
>;

const TOP = 5;

/** The value when nothing differs, where the ratio would be infinite. */
const MAX_SIGNAL_TO_NOISE_DB = 150;

/**
 * Runs both models on every image and compares their answers.
 * @param images each uint8 [224, 224, 3]; at least one
 * @param onImage called after each image
 */
export async function measureAgreement(
  reference: ModelSession,
  other: ModelSession,
  labels: Manifest['labels'],
  images: readonly Uint8Array[],
  onImage: (done: number) => void = () => {},
): Promise<Agreement> {
  const sums = { sameTop1: 0, overlap: 0, difference: 0, signal: 0, noise: 0 };
  for (const [index, image] of images.entries()) {
    const expected = await reference.run(image, 1);
    const found = await other.run(image, 1);
    addPredictions(sums, expected, found, labels);
    addLogits(sums, expected, found);
    onImage(index + 1);
  }
  return {
    top1Agreement: sums.sameTop1 / images.length,
    top5Overlap: round(sums.overlap / images.length, 4),
    meanProbabilityDifference: round(sums.difference / images.length, 5),
    logitSignalToNoiseDb: round(Math.min(10 * Math.log10(sums.signal / sums.noise), MAX_SIGNAL_TO_NOISE_DB), 1),
    images: images.length,
  };
}

/**
 * Opens an unfinished package and compares it with the one that it is made from.
 * @param draft its manifest so far
 * @param onImage called after each image
 */
export async function compareWith(
  reference: ModelSession,
  folder: string,
  draft: Derived,
  images: readonly Uint8Array[],
  onImage?: (done: number) => void,
): Promise<Agreement> {
  const manifest = { ...draft, selfTest: { seed: 1, logits: [], tolerance: 1 } };
  const other = await openSession(folder, manifest, { selfTest: false });
  try {
    return await measureAgreement(reference, other, draft.labels, images, onImage);
  } finally {
    await other.release();
  }
}

type Sums = { sameTop1: number; overlap: number; difference: number; signal: number; noise: number };

function addPredictions(sums: Sums, expected: Float32Array, found: Float32Array, labels: Manifest['labels']): void {
  const all = predict(found, labels, found.length);
  const best = predict(expected, labels, TOP);
  const others = new Set(all.slice(0, TOP).map(({ index }) => index));
  const probabilities = new Map(all.map(({ index, probability }) => [index, probability]));
  if (best[0]?.index === all[0]?.index) sums.sameTop1 += 1;
  sums.overlap += best.filter(({ index }) => others.has(index)).length / best.length;
  sums.difference +=
    best.reduce((sum, { index, probability }) => sum + Math.abs(probability - (probabilities.get(index) ?? 0)), 0) /
    best.length;
}

/**
 * Adds the squares of the logits and of their differences, both around their mean: an offset that
 * all logits share changes no answer.
 */
function addLogits(sums: Sums, expected: Float32Array, found: Float32Array): void {
  const mean = (logits: Float32Array): number => logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  const [expectedMean, foundMean] = [mean(expected), mean(found)];
  for (const [index, logit] of expected.entries()) {
    const signal = logit - expectedMean;
    sums.signal += signal ** 2;
    sums.noise += (signal - ((found[index] ?? Number.NaN) - foundMean)) ** 2;
  }
}
