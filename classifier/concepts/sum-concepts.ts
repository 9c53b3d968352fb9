import type { Concept } from './concept.ts';
import type { Hierarchy } from './hierarchy.ts';
import { SILENT_CONCEPTS } from './silent-concepts.ts';

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
  const { classNodes, classesBelow, depths, ranges } = hierarchy;
  const { order, nodes, nexts, starts, ends, moreStarts, more } = ranges;
  // The probability of all classes before each place of the order. The loop stands here because V8
  // compiles a short function with a long loop at its first call, and a long function later.
  const before = new Float64Array(order.length + 1);
  let total = 0;
  for (let place = 0; place < order.length; ) {
    total += probabilities[order[place] as number] as number;
    place += 1;
    before[place] = total;
  }
  const sumOf = (start: number | undefined, end: number | undefined) =>
    (before[end as number] as number) - (before[start as number] as number);
  const sums = new Float64Array(nodes.length);
  const found: number[] = [];
  // A prepared hierarchy may hold any number. Each range is added once at most, and the walk ends.
  let at = 0;
  for (let step = 0; step < nodes.length; ) {
    let sum = sumOf(starts[step], ends[step]);
    at = Math.max(at, moreStarts[step] as number);
    for (const end = Math.min(more.length, moreStarts[step + 1] as number); at < end; at += 2)
      sum += sumOf(more[at], more[at + 1]);
    if (sum >= LEAST_CONCEPT_PROBABILITY) {
      const node = nodes[step] as number;
      sums[node] = sum;
      if (classesBelow[node] !== classNodes.length) found.push(node);
      step += 1;
    } else {
      // Nothing below it is more probable.
      step = Math.max(step + 1, nexts[step] as number);
    }
  }
  const compare = (values: ArrayLike<number>, one: number, other: number) => (values[one] ?? 0) - (values[other] ?? 0);
  return found
    .sort((a, b) => compare(classesBelow, a, b) || compare(sums, b, a) || compare(depths, b, a))
    .flatMap((node) => {
      const { id, label } = hierarchy.nameOf(node);
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
