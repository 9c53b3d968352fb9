import { type Hierarchy, lineageOf } from '../classifier/concepts/hierarchy.ts';
import { hedge } from '../classifier/concepts/sum-concepts.ts';
import type { Concept } from '../classifier/types.ts';
import { round } from './package/round.ts';

/** How good the hedged concepts of one threshold are. */
export interface ConceptScore {
  readonly threshold: number;
  /** Percent of the images that have a hedged concept. */
  readonly coverage: number | null;
  /** Percent of those whose concept is the right class or stands above it. */
  readonly right: number | null;
  /**
   * Mean over those, 0 to 1: 1 for a class, 0 for what stands above every class. It is the
   * information gain of Deng et al., 1 - log(classes below) / log(classes).
   */
  readonly specificity: number | null;
}

/** The thresholds that an evaluation compares. The second is the default. */
export const CONCEPT_THRESHOLDS = [0.5, 0.8, 0.95] as const;

/** Counts, answer by answer, how often hedged concepts are right and how much they say. */
export class ConceptScorer {
  readonly #hierarchy: Hierarchy;
  readonly #nodes: ReadonlyMap<string, number>;
  readonly #sums = CONCEPT_THRESHOLDS.map((threshold) => ({ threshold, covered: 0, right: 0, specificity: 0 }));
  #images = 0;

  constructor(hierarchy: Hierarchy) {
    this.#hierarchy = hierarchy;
    this.#nodes = new Map(hierarchy.allNodes().map(({ id }, node) => [id, node]));
  }

  /**
   * @param concepts those of an answer
   * @param classes indexes of the right classes
   */
  add(concepts: readonly Concept[], classes: readonly number[]): void {
    this.#images += 1;
    for (const sum of this.#sums) {
      const concept = hedge(concepts, sum.threshold);
      if (concept === null) continue;
      const node = this.#nodes.get(concept.id) ?? -1;
      sum.covered += 1;
      sum.specificity += this.#specificityOf(node);
      if (classes.some((index) => this.#stands(node, index))) sum.right += 1;
    }
  }

  scores(): ConceptScore[] {
    const percent = (part: number, all: number) => (all === 0 ? null : round((100 * part) / all, 1));
    return this.#sums.map(({ threshold, covered, right, specificity }) => ({
      threshold,
      coverage: percent(covered, this.#images),
      right: percent(right, covered),
      specificity: covered === 0 ? null : round(specificity / covered, 3),
    }));
  }

  #specificityOf(node: number): number {
    const { classesBelow, classNodes } = this.#hierarchy;
    return 1 - Math.log(classesBelow[node] ?? 1) / Math.log(classNodes.length);
  }

  /** Whether the node is the class or stands above it. */
  #stands(node: number, index: number): boolean {
    return lineageOf(this.#hierarchy, index).includes(node);
  }
}
