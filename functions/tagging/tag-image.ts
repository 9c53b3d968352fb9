import { hasWrongRows } from '../records/wrong-rows.ts';
import type { Answerer } from './answerer.ts';
import { carryOut } from './carry-out.ts';
import { decideAfterReading, decideBeforeReading, type OwnAnswers } from './decide.ts';
import type { Effects } from './effects.ts';
import { type EventObject, reserveObject } from './event-object.ts';
import type { CreatedEvent } from './image-event.ts';
import { type Finding, type InspectDependencies, inspect, refuseUnread } from './inspect.ts';
import type { Outcome } from './outcome.ts';

export interface TagImageDependencies extends Effects, InspectDependencies {
  /**
   * Leaves alone, after one read, what an event without a sequencer finds answered. By default tags
   * and label rows are checked again, because a crash may have left them undone. Label rows come
   * with the read, so that missing ones are put there in both cases.
   */
  readonly leavesAnswered?: boolean;
}

/**
 * Handles one upload, from the event to record, label rows, tags and published result. It decides
 * twice: before the object is read, and after the object was classified. Our own faults are thrown,
 * and the queue delivers the event again.
 */
export async function tagImage(event: CreatedEvent, dependencies: TagImageDependencies): Promise<Outcome> {
  const refused = refuseUnread(event, dependencies);
  const object = await reserveObject(event, refused === null, dependencies);
  let outcome: Outcome | 'overtaken';
  try {
    outcome = await tryToTag(event, refused, object, dependencies);
  } finally {
    await object.close();
  }
  if (outcome !== 'overtaken') return outcome;
  // The record that overtook it may be its own: of a write whose answer was lost and that was tried
  // again. Nobody else would then see to its tags and tell of it.
  return tagImage(event, { ...dependencies, leavesAnswered: false });
}

async function tryToTag(
  event: CreatedEvent,
  refused: Finding | null,
  object: EventObject,
  dependencies: TagImageDependencies,
): Promise<Outcome | 'overtaken'> {
  const { records, answerer, indexThreshold, now, leavesAnswered = false } = dependencies;
  const { name } = event;
  // A backfill asks for the object after the record, so that it is the newer of the two.
  if (event.sequencer !== null && refused === null) void object.open();
  const ownAnswers = event.sequencer === null ? await ownAnswersOf(answerer) : null;
  const seen = await records.read(name);
  const upload = { event, stored: seen.entry, answerer, ownAnswers, indexThreshold };
  const first = decideBeforeReading(upload);
  if (first.kind === 'settle') {
    // Nobody reads the object now. Settling goes on meanwhile: the caller waits until it is closed.
    void object.close();
    const isLeft = event.sequencer === null && leavesAnswered && !hasWrongRows(seen, indexThreshold);
    return isLeft ? { kind: 'skipped', why: first.why } : carryOut(name, first, seen, dependencies);
  }

  const finding = refused ?? (await inspect(event, object, first.finishedETag, dependencies));
  await object.close();
  const outcome = await carryOut(name, decideAfterReading(upload, finding, now()), seen, dependencies);
  if (outcome === 'overtaken' || outcome.kind !== 'recorded' || !('milliseconds' in finding)) return outcome;
  return { ...outcome, milliseconds: { ...outcome.milliseconds, ...finding.milliseconds } };
}

async function ownAnswersOf(answerer: Answerer): Promise<OwnAnswers> {
  const modelSha256 = await answerer.modelSha256();
  return { modelSha256, heavyModels: answerer.kind === 'small' ? answerer.heavyModels : [] };
}
