import { isTombstone } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import { type Carried, carryOut } from '../tagging/carry-out.ts';
import { decideDeletion, decideDeletionBeforeReading } from '../tagging/decide.ts';
import type { Effects } from '../tagging/effects.ts';
import type { RemovedEvent } from '../tagging/image-event.ts';
import type { Outcome } from '../tagging/outcome.ts';
import { type TagImageDependencies, tagUncovered } from '../tagging/tag-image.ts';

/**
 * Handles one deletion or expiry. The record becomes a tombstone, and its label rows are removed.
 * If the deleted version is not the record's, nothing changes. If an older version is the object
 * now, it is tagged.
 */
export async function removeImage(event: RemovedEvent, dependencies: TagImageDependencies): Promise<Outcome> {
  const carried = await tryToRemove(event, dependencies);
  if (carried === 'overtaken') return removeImage(event, dependencies);
  const { outcome, isHidden } = carried;
  return isHidden && event.versionId !== null ? tagUncovered(event.name, outcome, dependencies) : outcome;
}

async function tryToRemove(event: RemovedEvent, effects: Effects): Promise<Carried | 'overtaken'> {
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
