import { comparePositions, toPosition } from '../records/position.ts';
import { type ImageRecord, isSameVersion, isTombstone, toTombstone } from '../records/record.ts';
import { type Effects, settle } from '../tagging/settle.ts';
import type { Outcome } from '../tagging/tag-image.ts';
import type { RemovedEvent } from './event.ts';

/**
 * One deletion, or expiry. The record becomes a tombstone and its label rows go; the end of a version other than the
 * record's changes nothing.
 */
export async function removeImage(event: RemovedEvent, effects: Effects): Promise<Outcome> {
  const { name, versionId, marker, sequencer } = event;
  const { records, now } = effects;
  // Only the end of the whole object, told with its place in the order, can be recorded before what it ends.
  if (sequencer === null || (versionId !== null && !marker)) return removeStanding(event, effects);

  const position = toPosition(sequencer, 0);
  const tombstone = toTombstone(name, versionId, position, now());
  const written = await records.write(tombstone, { kind: 'position', position });
  await settle(name, await records.read(name), effects);
  return written ? { kind: 'deleted' } : { kind: 'skipped', why: 'superseded' };
}

/**
 * Puts a tombstone in the place of the record that stands, at its position: the end of one version does not come after a
 * newer version's upload. A record that is not there yet finds its version gone itself (tagImage, settle).
 */
async function removeStanding(event: RemovedEvent, effects: Effects): Promise<Outcome> {
  const { records, now } = effects;
  const { name, versionId } = event;
  const seen = await records.read(name);
  const { entry } = seen;
  if (entry === null || isTombstone(entry) || !(await ends(event, entry, effects))) {
    await settle(name, seen, effects);
    return { kind: 'skipped', why: 'superseded' };
  }
  const written = await records.write(toTombstone(name, versionId, entry, now()), { kind: 'unchanged', seen: entry });
  if (!written) return removeStanding(event, effects);
  await settle(name, await records.read(name), effects);
  return { kind: 'deleted' };
}

async function ends({ name, versionId, marker, sequencer }: RemovedEvent, record: ImageRecord, { objects }: Effects) {
  const version = marker ? null : versionId;
  if (version !== null && !isSameVersion(record.versionId, version)) return false;
  if (sequencer !== null) return comparePositions(toPosition(sequencer, 0), record) > 0;
  // S3 promises sequencers for requests only, not for lifecycle rules: then absence, seen after the record, decides.
  return !(await objects.exists({ ...name, versionId: version }));
}
