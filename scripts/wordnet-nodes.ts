import type { HierarchyNode } from '../classifier/concepts/hierarchy.ts';

/** A class whose concepts are wanted. */
export interface WordNetClass {
  readonly wnid: string;
  readonly label: string;
}

interface Synset {
  readonly words: readonly string[];
  readonly hypernyms: readonly string[];
}

/** WordNet's signs for "is a kind of" and "is an instance of". */
const HYPERNYM_SIGNS: ReadonlySet<string> = new Set(['@', '@i']);

/**
 * Finds everything in WordNet that stands above the classes.
 * @param nouns WordNet's `data.noun`, see https://wordnet.princeton.edu/documentation/wndb5wn. A
 *   WordNet id is `n` and the offset of a line in this file
 * @returns the classes and all their hypernyms, parents before children. A class keeps its own
 *   label; the words of WordNet are synonyms
 * @throws {RangeError} naming a class that is not in this version of WordNet
 */
export function wordNetNodes(nouns: string, classes: readonly WordNetClass[]): HierarchyNode[] {
  const synsets = readSynsets(nouns);
  const labels = new Map(classes.map(({ wnid, label }) => [wnid, label]));
  const nodes = new Map<string, HierarchyNode>();
  function add(id: string): void {
    if (nodes.has(id)) return;
    const synset = synsets.get(id);
    if (synset === undefined) throw new RangeError(`${id} is not in data.noun: is this WordNet 3.0?`);
    for (const parent of synset.hypernyms) add(parent);
    const label = labels.get(id) ?? synset.words[0] ?? id;
    const synonyms = synset.words.filter((word) => word !== label);
    nodes.set(id, { id, label, synonyms, parents: synset.hypernyms });
  }
  for (const { wnid } of classes) add(wnid);
  return [...nodes.values()];
}

function readSynsets(nouns: string): Map<string, Synset> {
  const synsets = new Map<string, Synset>();
  // The licence comes first; its lines begin with two spaces.
  for (const line of nouns.split('\n')) {
    if (/^\d{8} /.test(line)) synsets.set(`n${line.slice(0, 8)}`, readSynset(line));
  }
  return synsets;
}

/**
 * Reads `offset file type words (word id)… pointers (sign offset type source/target)… | gloss`. The
 * number of words is hexadecimal, and a word has underscores for spaces.
 */
function readSynset(line: string): Synset {
  const [, , , count = '0', ...fields] = (line.split(' | ')[0] ?? '').split(' ');
  const wordsEnd = 2 * Number.parseInt(count, 16);
  const words = fields.slice(0, wordsEnd).filter((_, place) => place % 2 === 0);
  const pointers = fields.slice(wordsEnd + 1);
  const hypernyms = Array.from({ length: Number(fields[wordsEnd]) }, (_, place) =>
    pointers.slice(4 * place, 4 * place + 2),
  )
    .filter(([sign = '']) => HYPERNYM_SIGNS.has(sign))
    .map(([, offset]) => `n${offset}`);
  return { words: words.map((word) => word.replaceAll('_', ' ')), hypernyms };
}
