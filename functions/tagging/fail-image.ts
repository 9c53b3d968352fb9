import { comparePositions } from '../records/position.ts';
import { hasFailed, type ImageRecord, isTombstone } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import type { Reason } from '../wire.ts';
import { decideOnFailure, type Upload, type WriteRecord } from './decide.ts';
import type { Effects } from './effects.ts';
import type { CreatedEvent } from './image-event.ts';
import { removeOldThumbnail } from './remove-old-thumbnail.ts';
import { settle } from './settle.ts';

export interface FailImageDependencies extends Omit<Effects, 'askHeavy'>, Pick<Upload, 'answerer'> {}

/**
 * Records `failed` after the last attempt at an event. A later success replaces it.
 * @returns null when a better or later result is stored
 */
export async function failImage(
  event: CreatedEvent,
  reason: Reason,
  dependencies: FailImageDependencies,
): Promise<ImageRecord | null> {
  const { seen, decision } = await decide(event, reason, dependencies);
  return decision === null ? null : writeFailed(decision, seen, dependencies);
}

/**
 * Records `failed` for an event all of whose attempts may have ended before one could say why. If
 * one could, its reason stays. What a crash may have left undone is then done: the record is
 * published, and rows and tags follow it.
 * @returns the record, and whether it is new; null when a better or later result is stored
 */
export async function failUnlessExplained(
  event: CreatedEvent,
  reason: Reason,
  dependencies: FailImageDependencies,
): Promise<{ readonly record: ImageRecord; readonly isNew: boolean } | null> {
  const { seen, decision } = await decide(event, reason, dependencies);
  if (decision === null) return null;
  const { entry: stored } = seen;
  if (stored !== null && !isTombstone(stored) && hasFailed(stored) && isAboutSame(event, stored, decision.entry)) {
    await tell(stored, seen, dependencies);
    return { record: stored, isNew: false };
  }
  const record = await writeFailed(decision, seen, dependencies);
  return record && { record, isNew: true };
}

/**
 * Whether a stored failure is about the same upload. An event without a sequencer takes the place
 * of the stored record, so its content decides, where it is known.
 */
function isAboutSame({ sequencer, eTag }: CreatedEvent, stored: ImageRecord, failed: ImageRecord): boolean {
  if (comparePositions(stored, failed) !== 0) return false;
  return sequencer !== null || eTag === null || stored.eTag === eTag;
}

async function decide(
  event: CreatedEvent,
  reason: Reason,
  { records, answerer, indexThreshold, now }: FailImageDependencies,
) {
  const seen = await records.read(event.name);
  const upload = { event, stored: seen.entry, answerer, ownAnswers: null, indexThreshold };
  const decision = decideOnFailure(upload, reason, now());
  return { seen, decision: decision.kind === 'skip' ? null : decision };
}

async function writeFailed(
  { entry, condition }: WriteRecord,
  seen: StoredImage,
  dependencies: FailImageDependencies,
): Promise<ImageRecord | null> {
  await removeOldThumbnail(seen.entry, entry, dependencies);
  if (!(await dependencies.records.write(entry, condition))) return null;
  await tell(entry, seen, dependencies);
  return entry;
}

/**
 * Publishes the record, then updates rows and tags to match it: the update may fail, and there may
 * be no next attempt.
 */
async function tell(record: ImageRecord, { rows }: StoredImage, dependencies: FailImageDependencies): Promise<void> {
  await dependencies.publish(record);
  await settle({ bucket: record.bucket, key: record.key }, { entry: record, rows }, dependencies);
}
