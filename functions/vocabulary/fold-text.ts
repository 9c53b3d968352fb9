/**
 * Brings a text into the form in which names are compared: `Golden_Retriever ` and `golden
 * retriever` become the same. Case, and the kind and number of spaces, hyphens and underscores, do
 * not count.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/gu, ' ')
    .trim();
}
