import type { ObjectName } from '../records/record.ts';
import { hasWrongRows } from '../records/wrong-rows.ts';
import type { Answerer } from './answerer.ts';
import { type Carried, carryOut } from './carry-out.ts';
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
  let carried: Carried | 'overtaken';
  try {
    carried = await tryToTag(event, refused, object, dependencies);
  } finally {
    await object.close();
  }
  // The record that overtook it may be its own: of a write whose answer was lost and that was tried
  // again. Nobody else would then see to its tags and tell of it.
  if (carried === 'overtaken') return tagImage(event, { ...dependencies, leavesAnswered: false });
  const { outcome, isHidden } = carried;
  const isVersion = event.versionId !== null || event.sequencer === null;
  return isHidden && isVersion ? tagUncovered(event.name, outcome, dependencies) : outcome;
}

/**
 * Tags the object that is there although its image is hidden. In a bucket with versions, an older
 * version is the object again once a delete marker or a newer version was removed, and S3 sends no
 * event about it. Each event that leaves or finds a tombstone must look: the event of the removal
 * may have been handled before there was one.
 * @param outcome that of the event, and the result if there is no object
 */
export async function tagUncovered(
  name: ObjectName,
  outcome: Outcome,
  dependencies: TagImageDependencies,
): Promise<Outcome> {
  if (!(await dependencies.objects.exists({ ...name, versionId: null }))) return outcome;
  return tagImage(
    { kind: 'created', name, versionId: null, eTag: null, size: null, sequencer: null, time: null },
    dependencies,
  );
}

async function tryToTag(
  event: CreatedEvent,
  refused: Finding | null,
  object: EventObject,
  dependencies: TagImageDependencies,
): Promise<Carried | 'overtaken'> {
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
    const left = { outcome: { kind: 'skipped', why: first.why }, isHidden: false } as const;
    return isLeft ? left : carryOut(name, first, seen, dependencies);
  }

  const finding = refused ?? (await inspect(event, object, first.finishedETag, dependencies));
  await object.close();
  const carried = await carryOut(name, decideAfterReading(upload, finding, now()), seen, dependencies);
  if (carried === 'overtaken' || carried.outcome.kind !== 'recorded' || !('milliseconds' in finding)) return carried;
  const milliseconds = { ...carried.outcome.milliseconds, ...finding.milliseconds };
  return { ...carried, outcome: { ...carried.outcome, milliseconds } };
}

async function ownAnswersOf(answerer: Answerer): Promise<OwnAnswers> {
  const modelSha256 = await answerer.modelSha256();
  return { modelSha256, heavyModels: answerer.kind === 'small' ? answerer.heavyModels : [] };
}
