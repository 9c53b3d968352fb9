import * as z from 'zod';

/** 0 is the small model, 1 the heavy one. */
export type Stage = 0 | 1;

/**
 * Place of a write in the order of all writes about one image. A later position wins, even if it
 * arrives first. `toPosition` brings `sequencer` into a form in which the order of texts is the
 * order of events.
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

/** Earlier than every event of S3. A first record has it if no sequencer is known. */
export const LOWEST_POSITION: Position = { sequencer: '0', stage: 0 };

/**
 * Makes a position. S3 orders sequencers as text after padding the shorter one with zeros on the
 * right. Without the zeros at the right end the order is the same for all lengths, so the table can
 * compare two sequencers as they are.
 */
export function toPosition(sequencer: string, stage: Stage): Position {
  return { sequencer: sequencer.toUpperCase().replace(/(?<=.)0+$/, ''), stage };
}

/** Negative when `a` is earlier, 0 when equal, positive when later. */
export function comparePositions(a: Position, b: Position): number {
  if (a.sequencer !== b.sequencer) return a.sequencer < b.sequencer ? -1 : 1;
  return a.stage - b.stage;
}
