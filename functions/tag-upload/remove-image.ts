import { isTombstone } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import { carryOut } from '../tagging/carry-out.ts';
import { decideDeletion, decideDeletionBeforeReading } from '../tagging/decide.ts';
import type { Effects } from '../tagging/effects.ts';
import type { RemovedEvent } from '../tagging/image-event.ts';
import type { Outcome } from '../tagging/outcome.ts';

/**
 * Handles one deletion or expiry. The record becomes a tombstone, and its label rows are removed.
 * If the deleted version is not the record's, nothing changes.
 */
export async function removeImage(event: RemovedEvent, effects: Effects): Promise<Outcome> {
  const outcome = await tryToRemove(event, effects);
  return outcome === 'overtaken' ? removeImage(event, effects) : outcome;
}

async function tryToRemove(event: RemovedEvent, effects: Effects): Promise<Outcome | 'overtaken'> {
  const { name } = event;
  const first = decideDeletionBeforeReading(event, effects.now());
  if (first.kind === 'tombstone') return carryOut(name, first, null, effects);

  const seen = await effects.records.read(name);
  const isThere = first.looksForObject ? await isObjectThere(event, seen, effects) : null;
  return carryOut(name, decideDeletion(event, seen.entry, isThere, effects.now()), seen, effects);
}

/** Asks the bucket only if there is a record to hide. */
async function isObjectThere({ name, versionId, marker }: RemovedEvent, { entry }: StoredImage, { objects }: Effects) {
  if (entry === null || isTombstone(entry)) return null;
  return objects.exists({ ...name, versionId: marker ? null : versionId });
}
