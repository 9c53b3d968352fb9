import type { Manifest } from './manifest.ts';
import type { Prediction } from './types.ts';

/**
 * Turns one image's logits, float32 [classes], into its `top` most probable classes, best first.
 * When two are equal, the lower index comes first. Probabilities are the softmax over all classes,
 * computed in double precision.
 * @param probabilities those of the logits, where they are known
 */
export function predict(
  logits: Float32Array,
  labels: Manifest['labels'],
  top: number,
  probabilities: Float64Array = softmax(logits),
): Prediction[] {
  return bestClasses(logits, top).map((index, place) => ({
    rank: place + 1,
    label: labels[index]?.label ?? `class ${index}`,
    wnid: labels[index]?.wnid ?? null,
    index,
    probability: probabilities[index] ?? 0,
  }));
}

/**
 * Returns the indices of the `top` largest logits. Sorting all takes several times as long. Nearly
 * every logit is below the best ones, so it is compared once. V8 would compile a loop in the
 * background of a cold start, for this one call; it takes a little part of that for a callback.
 */
function bestClasses(logits: Float32Array, top: number): number[] {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  logits.forEach((logit, index) => {
    if (!(logit > least) && index >= top) return;
    let place = best.length;
    while (place > 0 && logit > (logits[best[place - 1] as number] as number)) place -= 1;
    best.splice(place, 0, index);
    if (best.length > top) best.pop();
    if (index + 1 >= top) least = logits[best.at(-1) as number] as number;
  });
  return best;
}

/**
 * Turns logits, float32 [classes], into probabilities with the sum 1. Plain loops by index take a
 * fifth of the time of `reduce` and `map`. A busy worker does this twice for every image. In a cold
 * start, V8 also compiles slower loops in the background, which takes longer than the loops.
 */
export function softmax(logits: Float32Array): Float64Array {
  const count = logits.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    const logit = logits[index] as number;
    if (logit > most) most = logit;
  }
  const probabilities = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    const weight = Math.exp((logits[index] as number) - most);
    probabilities[index] = weight;
    sum += weight;
  }
  for (let index = 0; index < count; index += 1) (probabilities[index] as number) /= sum;
  return probabilities;
}
