import type { ClassifyEntry } from '../../../classifier/types.ts';
import { classifyWords } from '../../functions/tagging/word-classifier.ts';

/**
 * What a picture holds. `crash` ends the process that decodes it, `broken` makes the model fail,
 * `slow` takes a heavy model minutes, `notes` is no picture.
 */
export type PictureKind = 'plain' | 'concept' | 'crash' | 'broken' | 'slow' | 'notes';

/** The model fails at this picture each time: our fault. */
export class BrokenModelError extends Error {}

/** So that it passes for a PNG where only the beginning is looked at. */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Returns the words of a picture. No two pictures of a plan have one in common, except `lion`. */
export function wordsOf(number: number, kind: PictureKind): string {
  if (kind === 'notes') return `bad notes ${number}`;
  const own = `${kind === 'plain' || kind === 'concept' ? 'one' : kind}${number}`;
  return kind === 'concept' ? `${own} lion` : `${own} two${number} three${number}`;
}

export function pictureOf(words: string): Buffer {
  return words.startsWith('bad') ? Buffer.from(words) : Buffer.concat([SIGNATURE, Buffer.from(words)]);
}

/** Whether a heavy model takes minutes for it. */
export function isSlow(bytes: Uint8Array): boolean {
  return textOf(bytes).startsWith('slow');
}

/**
 * Classifies a picture by its words, as the small model or as the heavy one, which says them
 * louder.
 * @param crash ends the process
 * @throws {BrokenModelError}
 */
export function classifyPicture(bytes: Uint8Array, model: 'small' | 'heavy', crash: () => void): ClassifyEntry {
  const text = textOf(bytes);
  if (text.startsWith('crash')) crash();
  if (text.startsWith('broken')) throw new BrokenModelError(`no answer for ${text}`);
  return classifyWords(model === 'small' ? text : text.toUpperCase());
}

function textOf(bytes: Uint8Array): string {
  const picture = Buffer.from(bytes);
  const isPng = picture.subarray(0, SIGNATURE.length).equals(SIGNATURE);
  return (isPng ? picture.subarray(SIGNATURE.length) : picture).toString();
}
