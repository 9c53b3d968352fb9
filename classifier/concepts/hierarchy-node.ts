/** A class, or a concept above classes, as `hierarchy.json` describes it. */
export interface HierarchyNode {
  /** For a class: its WordNet id, or its label where it has none. */
  readonly id: string;
  readonly label: string;
  readonly synonyms: readonly string[];
  /** Ids of the concepts directly above. */
  readonly parents: readonly string[];
}
