import * as z from 'zod';

/** 0 is the small model, 1 the heavy one. */
export type Stage = 0 | 1;

/**
 * Where a write about an image stands in the order of all writes about it: a later position wins, whenever it arrives.
 * `sequencer` is in the form of `toPosition`; text order of two such is their order.
 */
export interface Position {
  readonly sequencer: string;
  readonly stage: Stage;
}

/** S3's sequencers have 16 to 18 hex digits today; their length is not promised. */
const MAX_SEQUENCER_DIGITS = 128;

/** A sequencer as S3 sends it: hex digits, comparable only for the same key. */
export const sequencerSchema = z
  .string()
  .regex(new RegExp(`^[0-9A-Fa-f]{1,${MAX_SEQUENCER_DIGITS}}$`), `1 to ${MAX_SEQUENCER_DIGITS} hex digits`);

/** Before every event of S3: the position of a first record that no sequencer is known for. */
export const LOWEST_POSITION: Position = { sequencer: '0', stage: 0 };

/**
 * S3 orders sequencers as text after padding the shorter with zeros on the right. Dropping the zeros at the right end
 * gives the same order for every length, so the table can compare two of them as they stand.
 */
export function toPosition(sequencer: string, stage: Stage): Position {
  return { sequencer: sequencer.toUpperCase().replace(/(?<=.)0+$/, ''), stage };
}

/** Negative when `a` is earlier, 0 when equal, positive when later. */
export function comparePositions(a: Position, b: Position): number {
  if (a.sequencer !== b.sequencer) return a.sequencer < b.sequencer ? -1 : 1;
  return a.stage - b.stage;
}
