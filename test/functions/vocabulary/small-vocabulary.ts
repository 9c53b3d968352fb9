import { parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { toVocabulary, type Vocabulary } from '../../../functions/vocabulary/vocabulary.ts';

/** Id, label, synonyms and parents of a node. */
export type Node = readonly [string, string, readonly string[], readonly string[]];

/**
 * A vocabulary of a few nodes, parents first. Those that `classes` names are classes; the id of one
 * is a WordNet id, or its label.
 */
export function smallVocabulary(nodes: readonly Node[], classes: readonly string[]): Vocabulary {
  const text = JSON.stringify(nodes.map(([id, label, synonyms, parents]) => ({ id, label, synonyms, parents })));
  const labels = classes.map((id) => ({
    label: nodes.find(([other]) => other === id)?.[1] ?? id,
    wnid: /^n\d{8}$/.test(id) ? id : null,
  }));
  return toVocabulary(labels, parseHierarchy(text, labels, 'the test'));
}
