import type { SearchSource } from '../records/match-row.ts';
import { SEARCH_CONCEPTS } from '../records/search-concepts.ts';
import type { Vocabulary, Word } from './vocabulary.ts';

/**
 * Plans what a search for a text reads: the rows of everything that the text names, and of the text
 * itself, which may be a label that no model here knows.
 * - A label or search concept has rows of its own.
 * - A concept above search concepts is the union of these and of the labels that are below none.
 * - A concept below a search concept is looked for among the images of that one.
 * @param text a label, synonym, concept or id, in any case
 * @returns sources of different ids, in a fixed order
 */
export function planSearch(vocabularies: readonly Vocabulary[], text: string): SearchSource[] {
  const sources = new Map<string, SearchSource>();
  const seen = new Set<Word>();
  const add = (word: Word) => {
    if (seen.has(word)) return;
    seen.add(word);
    const above = SEARCH_CONCEPTS.has(word.id) || word.isClass ? undefined : searchConceptAbove(word);
    if (above !== undefined) return addSource(sources, { id: above.id, within: [word.id] });
    if (SEARCH_CONCEPTS.has(word.id) || word.isClass) addSource(sources, { id: word.id, within: null });
    if (!SEARCH_CONCEPTS.has(word.id)) for (const child of word.children) add(child);
  };
  for (const vocabulary of vocabularies) for (const word of vocabulary.find(text)) add(word);
  addSource(sources, { id: text, within: null });
  return [...sources.values()];
}

/** Two of one id become one that finds what both find. */
function addSource(sources: Map<string, SearchSource>, { id, within }: SearchSource): void {
  const other = sources.get(id);
  const isAll = within === null || other?.within === null;
  sources.set(id, { id, within: isAll ? null : [...new Set([...(other?.within ?? []), ...within])] });
}

/** Returns the search concept with the fewest classes above a word. */
function searchConceptAbove(word: Word): Word | undefined {
  const above = new Set(word.parents);
  for (const one of above) for (const parent of one.parents) above.add(parent);
  return [...above].filter(({ id }) => SEARCH_CONCEPTS.has(id)).sort((a, b) => a.classes - b.classes)[0];
}
