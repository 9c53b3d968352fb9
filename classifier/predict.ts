import type { Manifest } from './manifest.ts';
import type { Prediction } from './types.ts';

/**
 * Turns one image's logits, float32 [classes], into its `top` most probable classes, best first.
 * When two are equal, the lower index comes first. Probabilities are the softmax over all classes,
 * computed in double precision.
 */
export function predict(logits: Float32Array, labels: Manifest['labels'], top: number): Prediction[] {
  const probabilities = softmax(logits);
  return Array.from(probabilities.keys())
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b)
    .slice(0, top)
    .map((index, place) => ({
      rank: place + 1,
      label: labels[index]?.label ?? `class ${index}`,
      wnid: labels[index]?.wnid ?? null,
      index,
      probability: probabilities[index] ?? 0,
    }));
}

/** Turns logits, float32 [classes], into probabilities with the sum 1. */
export function softmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
