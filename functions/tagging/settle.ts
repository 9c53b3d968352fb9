import { holds } from '../records/condition.ts';
import { rowChanges } from '../records/labels.ts';
import { type Entry, isTombstone, type ObjectName, toTombstone } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import type { Effects } from './effects.ts';
import { UnsettledImageError } from './errors.ts';
import { isSameTagSet, mergeTags, ownTags } from './tags.ts';

/** The state of an image once nothing changes any more. */
export interface Settled {
  /** The stored entry, which rows and tags now match. */
  readonly entry: Entry | null;
  /** Milliseconds that reading and writing tags took. */
  readonly tagMilliseconds: number;
}

/**
 * Another round is needed only if another event about the same image was recorded during this one.
 */
const MAX_ROUNDS = 10;

/**
 * Updates label rows and tags to match the image's entry, and repeats this until the entry has not
 * changed meanwhile. It runs after every write, and on every event that finds its work done, so it
 * repairs what a crash left unfinished.
 * @param from what was read or written last
 * @throws {UnsettledImageError} when other events keep changing the image
 */
export async function settle(name: ObjectName, from: StoredImage, effects: Effects): Promise<Settled> {
  const { records, indexThreshold, now } = effects;
  let image = from;
  let tagMilliseconds = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { entry, rows } = image;
    if (entry === null) return { entry, tagMilliseconds };
    await records.changeRows(entry, rowChanges(entry, rows, indexThreshold));
    const start = performance.now();
    const presence = await ensureTags(entry, effects);
    tagMilliseconds += performance.now() - start;
    if (presence === 'gone' && !isTombstone(entry)) {
      // The event of the deletion may have been handled before there was a record to delete.
      await records.write(toTombstone(name, entry.versionId, entry, now()), { kind: 'unchanged', seen: entry });
    }
    image = await records.read(name);
    const { put, remove } = rowChanges(image.entry, image.rows, indexThreshold);
    const isUnchanged = holds({ kind: 'unchanged', seen: entry }, image.entry);
    if (isUnchanged && put.length === 0 && remove.length === 0) return { entry: image.entry, tagMilliseconds };
  }
  throw new UnsettledImageError(
    `s3://${name.bucket}/${name.key}: it changed ${MAX_ROUNDS} times while it was being updated. The message is tried again.`,
  );
}

/**
 * Merges our tags of `entry` into the object's, and writes them unless they are there already. A
 * change that somebody else makes between this read and the write is lost, because S3 replaces all
 * tags without a condition. So tags are read only here, just before the write.
 */
async function ensureTags(entry: Entry, { objects, tags }: Effects): Promise<'present' | 'gone'> {
  const ours = ownTags(entry, tags);
  if (ours === null) return 'present';
  if (tags.labels === 0) {
    return entry.versionId === null || (await objects.exists(entry)) ? 'present' : 'gone';
  }
  const existing = await objects.tags(entry);
  if (existing === 'gone') return 'gone';
  const merged = mergeTags(existing, ours);
  if (isSameTagSet(existing, merged)) return 'present';
  return (await objects.putTags(entry, merged)) === 'gone' ? 'gone' : 'present';
}
