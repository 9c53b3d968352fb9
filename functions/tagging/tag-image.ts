import { carryOut } from './carry-out.ts';
import { decideAfterReading, decideBeforeReading } from './decide.ts';
import type { Effects } from './effects.ts';
import type { CreatedEvent } from './image-event.ts';
import { type InspectDependencies, inspect } from './inspect.ts';
import type { Outcome } from './outcome.ts';

export interface TagImageDependencies extends Effects, InspectDependencies {}

/**
 * Handles one upload, from the event to record, label rows, tags and published result. It decides
 * twice: before the object is read, and after the object was classified. Our own faults are thrown,
 * and the queue delivers the event again.
 */
export async function tagImage(event: CreatedEvent, dependencies: TagImageDependencies): Promise<Outcome> {
  const outcome = await tryToTag(event, dependencies);
  return outcome === 'overtaken' ? tagImage(event, dependencies) : outcome;
}

async function tryToTag(event: CreatedEvent, dependencies: TagImageDependencies): Promise<Outcome | 'overtaken'> {
  const { records, answerer, now } = dependencies;
  const { name } = event;
  const seen = await records.read(name);
  const upload = { event, stored: seen.entry, answerer };
  const first = decideBeforeReading(upload);
  if (first.kind === 'settle') return carryOut(name, first, seen, dependencies);

  const finding = await inspect(event, first.finishedETag, dependencies);
  const outcome = await carryOut(name, decideAfterReading(upload, finding, now()), seen, dependencies);
  if (outcome === 'overtaken' || outcome.kind !== 'recorded' || !('milliseconds' in finding)) return outcome;
  return { ...outcome, milliseconds: { ...outcome.milliseconds, ...finding.milliseconds } };
}
