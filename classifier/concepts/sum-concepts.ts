import type { Concept } from './concept.ts';
import type { Hierarchy } from './hierarchy.ts';
import { SILENT_CONCEPTS } from './silent-concepts.ts';
import { sumUp } from './sum-up.ts';

/** Concepts below this are not in an answer: nearly every node has a little. */
export const LEAST_CONCEPT_PROBABILITY = 0.1;

export const DEFAULT_CONCEPT_THRESHOLD = 0.8;

/**
 * Sums the probabilities of the classes below each concept. A class counts once, also where two
 * ways lead up from it.
 * @param probabilities one for each class, 0 to 1, with the sum 1
 * @returns the concepts of at least 0.1, the most specific first: with the fewest classes, then the
 *   most probable, then the lowest. Concepts that say nothing are left out: those of
 *   SILENT_CONCEPTS, and what stands above every class of the model
 */
export function sumConcepts(hierarchy: Hierarchy, probabilities: Float64Array): Concept[] {
  const { classNodes, classesBelow, depths } = hierarchy;
  const sums = sumUp(hierarchy, probabilities);
  const found: number[] = [];
  for (let node = 0; node < sums.length; node += 1) {
    const isProbable = (sums[node] as number) >= LEAST_CONCEPT_PROBABILITY;
    if (isProbable && classesBelow[node] !== classNodes.length) found.push(node);
  }
  const compare = (values: ArrayLike<number>, one: number, other: number) => (values[one] ?? 0) - (values[other] ?? 0);
  return found
    .sort((a, b) => compare(classesBelow, a, b) || compare(sums, b, a) || compare(depths, b, a))
    .flatMap((node) => {
      const { id, label } = hierarchy.nodeAt(node);
      // A sum of rounded numbers may be a little above 1.
      return SILENT_CONCEPTS.has(id) ? [] : [{ id, label, probability: Math.min(1, sums[node] ?? 0) }];
    });
}

/**
 * Returns the most specific concept that is probable enough: a hedged answer (Deng et al. 2012,
 * "Hedging your bets", https://doi.org/10.1109/CVPR.2012.6248086). Where the model wavers between
 * classes, it is what they have in common.
 * @param concepts the most specific first
 * @param threshold 0 to 1
 */
export function hedge(concepts: readonly Concept[], threshold: number): Concept | null {
  return concepts.find(({ probability }) => probability >= threshold) ?? null;
}
