/** The most columns of a line that is only a comment. Biome does not wrap comments. */
const MAX_COLUMNS = 100;

/** Words that have to be read twice, each with what to write instead. */
const HARD_TO_READ: readonly (readonly [RegExp, string])[] = [
  [/\bwhoever\b/i, 'says "whoever": name the person or thing'],
  [/\bthe middle one\b/i, 'says "the middle one": write median'],
  [/\btold by\b/i, 'says "told by": write detected from, or shown by'],
];

/**
 * Finds comments that are too wide or hard to read in a source file.
 * @returns one text per fault, with its line
 * @example
 * commentFaults('// Of the first row.') // ['1: starts with a dangling "Of"']
 */
export function commentFaults(text: string): string[] {
  return commentLines(text).flatMap(({ line, columns, words, isStart }) => [
    // A single word, such as a long URL, cannot be wrapped.
    ...(columns > MAX_COLUMNS && words.includes(' ') ? [`${line}: has ${columns} columns`] : []),
    ...(isStart && /^Of\b/.test(words) ? [`${line}: starts with a dangling "Of"`] : []),
    ...HARD_TO_READ.filter(([pattern]) => pattern.test(words)).map(([, problem]) => `${line}: ${problem}`),
  ]);
}

interface CommentLine {
  readonly line: number;
  readonly columns: number;
  /** The text without the comment's marks. */
  readonly words: string;
  /** Whether it is the first line of its comment that has words. */
  readonly isStart: boolean;
}

/** Returns the lines that are only a comment; comments after code are left out. */
function commentLines(text: string): CommentLine[] {
  const found: CommentLine[] = [];
  let kind: 'code' | 'line' | 'block' = 'code';
  let hasWords = false;
  for (const [index, source] of text.split('\n').entries()) {
    const trimmed = source.trim();
    if (kind !== 'block') {
      const next = trimmed.startsWith('/*') ? 'block' : trimmed.startsWith('//') ? 'line' : 'code';
      if (next !== 'line' || kind !== 'line') hasWords = false;
      kind = next;
    }
    if (kind === 'code') continue;
    const words = trimmed.replace(/^(\/\*+|\*+(?!\/)|\/\/+)\s*/, '').replace(/\s*\*+\/$/, '');
    found.push({ line: index + 1, columns: [...source].length, words, isStart: !hasWords && words !== '' });
    hasWords ||= words !== '';
    if (kind === 'block' && trimmed.endsWith('*/')) kind = 'code';
  }
  return found;
}
