import { foldText } from './fold-text.ts';
import type { Vocabulary, Word } from './vocabulary.ts';

/**
 * Completes what somebody types into a search field.
 * @param query the beginning of a label or a synonym, or of a word in it, in any case; or three or
 *   more letters of a label; or a whole id. An empty one fits every word
 * @param limit how many words to return at most
 * @returns the best first: the whole label, a whole synonym, the label's beginning, a word in the
 *   label, letters inside it, a synonym's beginning, a word in it; among equals the shorter name,
 *   then the words that stand above the most classes, then by the alphabet. For an empty query all
 *   are equal, whatever their length. Words that say nothing about a picture are left out
 */
export function completeWords(vocabularies: readonly Vocabulary[], query: string, limit: number): Word[] {
  const folded = foldText(query);
  const found = new Map<string, Match>();
  for (const word of vocabularies.flatMap(({ words }) => words)) {
    const name = JSON.stringify([word.id, word.label]);
    const match = word.isSilent || found.has(name) ? null : matchOf(word, folded);
    if (match !== null) found.set(name, match);
  }
  return [...found.values()]
    .sort(compareMatches)
    .slice(0, limit)
    .map(({ word }) => word);
}

/** A word that fits a query. */
interface Match {
  readonly word: Word;
  /** 0 is best. */
  readonly misfit: number;
  /** Characters of the name that fits; 0 for an empty query. */
  readonly length: number;
}

/** Fewer letters are inside too many labels. */
const MIN_INSIDE_LETTERS = 3;

/** Returns null if the word does not fit. */
function matchOf(word: Word, query: string): Match | null {
  const [label = '', ...synonyms] = word.names;
  if (query === '') return { word, misfit: 0, length: 0 };
  const waysToFit = [
    label === query || foldText(word.id) === query ? label : undefined,
    shortest(synonyms.filter((name) => name === query)),
    label.startsWith(query) ? label : undefined,
    hasWord(label, query) ? label : undefined,
    query.length >= MIN_INSIDE_LETTERS && label.includes(query) ? label : undefined,
    shortest(synonyms.filter((name) => name.startsWith(query))),
    shortest(synonyms.filter((name) => hasWord(name, query))),
  ];
  const misfit = waysToFit.findIndex((name) => name !== undefined);
  return misfit === -1 ? null : { word, misfit, length: waysToFit[misfit]?.length ?? 0 };
}

function hasWord(text: string, beginning: string): boolean {
  return text.includes(` ${beginning}`);
}

function shortest(names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => a.length - b.length)[0];
}

function compareMatches(a: Match, b: Match): number {
  return a.misfit - b.misfit || a.length - b.length || b.word.classes - a.word.classes || compareTexts(a.word, b.word);
}

function compareTexts(a: Word, b: Word): number {
  if (a.label !== b.label) return a.label < b.label ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
