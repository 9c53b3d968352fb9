/**
 * A class of the model, or something that stands above some of its classes in the hierarchy, such
 * as `dog` above 118 breeds.
 */
export interface Concept {
  /** WordNet id (`n02084071`) in ImageNet's hierarchy; in another one the id that it gives. */
  readonly id: string;
  readonly label: string;
  /** Sum of the probabilities of the classes below it, 0 to 1. */
  readonly probability: number;
}
