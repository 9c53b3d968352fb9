import type { WriteCondition } from '../records/condition.ts';
import { LOWEST_POSITION, type Position, type Stage, toPosition } from '../records/position.ts';
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
export function planWrite(event: CreatedEvent, stored: Entry | null, stage: Stage): WritePlan {
  if (event.sequencer !== null) {
    const position = toPosition(event.sequencer, stage);
    const condition: WriteCondition =
      stage === 0 ? { kind: 'position', position } : { kind: 'answer', position, eTag: event.eTag };
    return { position, condition, done: isSettled(position, stored) };
  }
  const { sequencer, stage: storedStage } = stored ?? LOWEST_POSITION;
  return {
    position: { sequencer, stage: stage > storedStage ? stage : storedStage },
    condition: { kind: 'unchanged', seen: stored },
    done: isAnswered(stored, event.eTag, stage),
  };
}

/** Whether `stored` is the final record of the content with this ETag, and a heavy model (stage 1) is not still to answer. */
export function isAnswered(stored: Entry | null, eTag: string | null, stage: Stage): boolean {
  if (stored === null || isTombstone(stored) || !isFinal(stored)) return false;
  return eTag !== null && stored.eTag === eTag && (stage === 0 || stored.escalatedTo === null);
}

/** Whether the small model's answer about this very upload stands: what a heavy one cannot say of it does not take its place. */
export function isSmallAnswer(stored: Entry | null, { sequencer, stage }: Position): boolean {
  if (stored === null || isTombstone(stored) || stage === 0) return false;
  return stored.state === 'tagged' && stored.sequencer === sequencer;
}
