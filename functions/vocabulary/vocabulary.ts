import type { Hierarchy } from '../../classifier/concepts/hierarchy.ts';
import { SILENT_CONCEPTS } from '../../classifier/concepts/silent-concepts.ts';
import type { ClassLabel } from '../../classifier/manifest.ts';
import { foldText } from './fold-text.ts';

/** A label or a concept that people can search for. */
export interface Word {
  /** WordNet id, or an id of the model's own hierarchy; for a class without one its label. */
  readonly id: string;
  readonly label: string;
  readonly synonyms: readonly string[];
  /** The label and the synonyms in the form of `foldText`, in this order. */
  readonly names: readonly string[];
  /** Whether it is one of the model's classes. A class may also stand above others. */
  readonly isClass: boolean;
  /** How many classes it is or stands above. */
  readonly classes: number;
  /** Whether it says nothing about a picture: one of SILENT_CONCEPTS, or above every class. */
  readonly isSilent: boolean;
  readonly parents: readonly Word[];
  readonly children: readonly Word[];
}

/** The words of one set of classes, and the concepts above them. */
export interface Vocabulary {
  readonly words: readonly Word[];
  /**
   * The words that a text names, by label, synonym or id, in any case. A text may name several:
   * `crane` is a bird and a machine.
   */
  find(text: string): readonly Word[];
}

/**
 * Makes the vocabulary of a model. Without a hierarchy each class is a word, and nothing else. A
 * class has the label that the model gives it; if the hierarchy has another, that is a synonym.
 */
export function toVocabulary(labels: readonly ClassLabel[], hierarchy: Hierarchy | null): Vocabulary {
  const words = hierarchy === null ? classWords(labels) : hierarchyWords(hierarchy, labels);
  const named = new Map<string, Set<Word>>();
  for (const word of words) {
    for (const name of [foldText(word.id), ...word.names]) named.set(name, (named.get(name) ?? new Set()).add(word));
  }
  return { words, find: (text) => [...(named.get(foldText(text)) ?? [])] };
}

function classWords(labels: readonly ClassLabel[]): readonly Word[] {
  const words = new Map<string, Word>();
  for (const { label, wnid } of labels) {
    const id = wnid ?? label;
    const facts = { synonyms: [], names: [foldText(label)], isClass: true, classes: 1, isSilent: false };
    if (!words.has(id)) words.set(id, { id, label, ...facts, parents: [], children: [] });
  }
  return [...words.values()];
}

type MutableWord = Word & { readonly parents: Word[]; readonly children: Word[] };

/** Nodes that stand above no class are left out: no picture shows them. */
function hierarchyWords(hierarchy: Hierarchy, labels: readonly ClassLabel[]): readonly Word[] {
  const { classNodes, classesBelow } = hierarchy;
  const classLabels = new Map<number, string[]>();
  for (const [index, { label }] of labels.entries()) {
    const node = classNodes[index] ?? 0;
    classLabels.set(node, [...(classLabels.get(node) ?? []), label]);
  }
  const words = new Map<string, MutableWord>();
  for (const [index, node] of hierarchy.allNodes().entries()) {
    const classes = classesBelow[index] ?? 0;
    if (classes === 0) continue;
    const { id, parents } = node;
    const own = classLabels.get(index) ?? [];
    const [label = node.label, ...synonyms] = new Set([...own, node.label, ...node.synonyms]);
    const isClass = own.length > 0;
    const isSilent = SILENT_CONCEPTS.has(id) || (!isClass && classes === labels.length);
    const above = parents.flatMap((parent) => words.get(parent) ?? []);
    const names = [label, ...synonyms].map(foldText);
    const word = { id, label, synonyms, names, isClass, classes, isSilent, parents: above, children: [] };
    for (const parent of above) parent.children.push(word);
    words.set(id, word);
  }
  return [...words.values()];
}
