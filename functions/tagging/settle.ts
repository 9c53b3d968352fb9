import { holds } from '../records/condition.ts';
import { rowChanges } from '../records/labels.ts';
import { type Entry, isTombstone, type ObjectName, toTombstone } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import type { Effects } from './effects.ts';
import { UnsettledImageError } from './errors.ts';
import { isSameTagSet, mergeTags, ownTags } from './tags.ts';

/** How an image stands when nothing changes any more. */
export interface Settled {
  /** The entry that rows and tags are in line with. */
  readonly entry: Entry | null;
  /** What reading and writing tags took. */
  readonly tagMilliseconds: number;
}

/**
 * A round more is needed only when another event about the same image was written during this one.
 */
const MAX_ROUNDS = 10;

/**
 * Brings label rows and tags in line with the image's entry, and looks again until nothing has
 * changed meanwhile. It runs after every write and on every event that finds its work done, so it
 * repairs what a crash left half done.
 * @param from what was read or written last
 * @throws {UnsettledImageError} when events keep coming
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
      // The deletion's event may have come before this record was there, and found nothing to
      // delete.
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
 * Merges our tags of `entry` into the object's, and writes them unless they are already there. Tags
 * are read only here, where they are merged at once: what others change between that and the write
 * is lost, since S3 replaces all tags without a condition.
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
