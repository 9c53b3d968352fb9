import type { HierarchyNode } from '../../../classifier/concepts/hierarchy.ts';

/** A cat has two ways up to `animal`: by `pet` and by `mammal`. */
export const SMALL_NODES: readonly HierarchyNode[] = [
  { id: 'thing', label: 'thing', synonyms: [], parents: [] },
  { id: 'animal', label: 'animal', synonyms: ['beast'], parents: ['thing'] },
  { id: 'mammal', label: 'mammal', synonyms: [], parents: ['animal'] },
  { id: 'pet', label: 'pet', synonyms: [], parents: ['animal'] },
  { id: 'n02121808', label: 'cat', synonyms: ['house cat'], parents: ['mammal', 'pet'] },
  { id: 'wolf', label: 'wolf', synonyms: [], parents: ['mammal'] },
  { id: 'goldfish', label: 'goldfish', synonyms: [], parents: ['pet'] },
  { id: 'cup', label: 'cup', synonyms: [], parents: ['thing'] },
];

/** The classes of SMALL_NODES. A class without a WordNet id is found by its label. */
export const SMALL_LABELS = [
  { label: 'cat', wnid: 'n02121808' },
  { label: 'wolf', wnid: null },
  { label: 'goldfish', wnid: null },
  { label: 'cup', wnid: null },
] as const;
