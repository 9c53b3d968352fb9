import { foldText } from './fold-text.ts';
import type { Vocabulary, Word } from './vocabulary.ts';

/**
 * Completes what somebody types into a search field.
 * @param query the beginning of a label or a synonym, or of a word in it, in any case; or a whole
 *   id. An empty one fits every word
 * @param limit how many words to return at most
 * @returns the best first: a label before a synonym, the whole before a beginning, a beginning
 *   before a word inside; among equals the words that stand above the most classes, then by the
 *   alphabet. Words that say nothing about a picture are left out
 */
export function completeWords(vocabularies: readonly Vocabulary[], query: string, limit: number): Word[] {
  const folded = foldText(query);
  const found = new Map<string, { readonly word: Word; readonly misfit: number }>();
  for (const word of vocabularies.flatMap(({ words }) => words)) {
    const misfit = word.isSilent ? -1 : misfitOf(word, folded);
    const name = JSON.stringify([word.id, word.label]);
    if (misfit >= 0 && !found.has(name)) found.set(name, { word, misfit });
  }
  return [...found.values()]
    .sort((a, b) => a.misfit - b.misfit || b.word.classes - a.word.classes || compareTexts(a.word, b.word))
    .slice(0, limit)
    .map(({ word }) => word);
}

/** How badly a word fits a query: 0 is best, and -1 means that it does not fit. */
function misfitOf({ id, names: [label = '', ...synonyms] }: Word, query: string): number {
  const fits = [
    label === query || foldText(id) === query,
    synonyms.includes(query),
    label.startsWith(query),
    synonyms.some((synonym) => synonym.startsWith(query)),
    hasWord(label, query),
    synonyms.some((synonym) => hasWord(synonym, query)),
  ];
  return fits.indexOf(true);
}

function hasWord(text: string, beginning: string): boolean {
  return text.includes(` ${beginning}`);
}

function compareTexts(a: Word, b: Word): number {
  if (a.label !== b.label) return a.label < b.label ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
