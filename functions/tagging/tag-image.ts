import { carryOut } from './carry-out.ts';
import { decideAfterReading, decideBeforeReading } from './decide.ts';
import type { Effects } from './effects.ts';
import { type EventObject, reserveObject } from './event-object.ts';
import type { CreatedEvent } from './image-event.ts';
import { type Finding, type InspectDependencies, inspect, refuseUnread } from './inspect.ts';
import type { Outcome } from './outcome.ts';

export interface TagImageDependencies extends Effects, InspectDependencies {}

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
  return outcome === 'overtaken' ? tagImage(event, dependencies) : outcome;
}

async function tryToTag(
  event: CreatedEvent,
  refused: Finding | null,
  object: EventObject,
  dependencies: TagImageDependencies,
): Promise<Outcome | 'overtaken'> {
  const { records, answerer, indexThreshold, now } = dependencies;
  const { name } = event;
  // A backfill asks for the object after the record, so that it is the newer of the two.
  if (event.sequencer !== null && refused === null) void object.open();
  const seen = await records.read(name);
  const upload = { event, stored: seen.entry, answerer, indexThreshold };
  const first = decideBeforeReading(upload);
  if (first.kind === 'settle') return carryOut(name, first, seen, dependencies);

  const finding = refused ?? (await inspect(event, object, first.finishedETag, dependencies));
  await object.close();
  const outcome = await carryOut(name, decideAfterReading(upload, finding, now()), seen, dependencies);
  if (outcome === 'overtaken' || outcome.kind !== 'recorded' || !('milliseconds' in finding)) return outcome;
  return { ...outcome, milliseconds: { ...outcome.milliseconds, ...finding.milliseconds } };
}
