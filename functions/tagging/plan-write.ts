import type { WriteCondition } from '../records/condition.ts';
import { LOWEST_POSITION, type Position, toPosition } from '../records/position.ts';
import { type Entry, isFinal, isSettled, isTombstone } from '../records/record.ts';
import type { CreatedEvent } from './created-event.ts';

/** Where an upload's record will stand and when it may be written. */
export interface WritePlan {
  readonly position: Position;
  readonly condition: WriteCondition;
  /** Nothing is left to find out: the stored entry is this event's result, or a later one's. */
  readonly done: boolean;
}

/**
 * S3's own events have a position of their own. A backfill's (without a sequencer) takes over the stored one: its object is
 * read after the entry was, so the object is the newer of the two unless they are the same, and the write holds only while
 * the entry stays as it was read.
 */
export function planWrite(event: CreatedEvent, stored: Entry | null): WritePlan {
  if (event.sequencer !== null) {
    const position = toPosition(event.sequencer, 0);
    return { position, condition: { kind: 'position', position }, done: isSettled(position, stored) };
  }
  const { sequencer, stage } = stored ?? LOWEST_POSITION;
  return {
    position: { sequencer, stage },
    condition: { kind: 'unchanged', seen: stored },
    done: isFinalRecordOf(stored, event.eTag),
  };
}

/** Whether `stored` is a final record of the content with this ETag. */
export function isFinalRecordOf(stored: Entry | null, eTag: string | null): boolean {
  return stored !== null && !isTombstone(stored) && isFinal(stored) && eTag !== null && stored.eTag === eTag;
}
