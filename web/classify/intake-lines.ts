import { countOf } from '../format.ts';
import { MAX_PICTURES } from './desk.ts';
import { type IncomingFiles, MAX_ENTRIES } from './incoming-files.ts';

/** What became of the last drop, besides the pictures that were added. */
export interface Intake extends Omit<IncomingFiles, 'files'> {
  /** Number of pictures that did not fit on the page. */
  readonly leftOut: number;
}

export const NOTHING_LEFT: Intake = { others: [], unreadable: [], isCut: false, leftOut: 0 };

/** More names than this do not help anybody. */
const MAX_NAMES = 3;

/** Says in words what was not added, and why: one line a reason. */
export function intakeLines({ others, unreadable, isCut, leftOut }: Intake): string[] {
  return [
    leftOut > 0 ? `This page holds at most ${MAX_PICTURES} pictures. Not added: ${countOf(leftOut, 'picture')}.` : null,
    isCut
      ? `Only the first ${MAX_ENTRIES.toLocaleString('en')} files and folders of what you dropped were looked at.`
      : null,
    unreadable.length > 0 ? `Your browser could not read ${names(unreadable)}. Check who may read it.` : null,
    others.length > 0 ? `Left out, because only pictures can be classified: ${names(others)}.` : null,
  ].filter((line) => line !== null);
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, MAX_NAMES).join(', ');
  return all.length > MAX_NAMES ? `${shown} and ${all.length - MAX_NAMES} more` : shown;
}
