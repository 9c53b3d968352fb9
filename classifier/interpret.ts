import type { LazyHierarchy } from './concepts/read-hierarchy.ts';
import { hedge, sumConcepts } from './concepts/sum-concepts.ts';
import type { Manifest } from './manifest.ts';
import { predict, softmax } from './predict.ts';
import type { Classification } from './types.ts';

export interface InterpretOptions {
  /** How many predictions to return. */
  readonly top: number;
  /** The hedged concept is at least this probable, 0 to 1. */
  readonly conceptThreshold: number;
}

/**
 * Turns one image's logits into the answer.
 * @param logits float32 [classes], before softmax
 * @throws {InvalidPackageError} when the package's hierarchy, parsed with the first answer, is not
 *   one
 */
export function interpret(
  logits: Float32Array,
  { labels }: Pick<Manifest, 'labels'>,
  hierarchy: LazyHierarchy | null,
  { top, conceptThreshold }: InterpretOptions,
): Pick<Classification, 'predictions' | 'concepts' | 'concept'> {
  const probabilities = softmax(logits);
  const predictions = predict(logits, labels, top, probabilities);
  const concepts = hierarchy === null ? [] : sumConcepts(hierarchy(), probabilities);
  return { predictions, concepts, concept: hedge(concepts, conceptThreshold) };
}
