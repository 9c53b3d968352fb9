import type { Entry } from '../records/record.ts';
import type { SettleEffects } from './effects.ts';
import { isSameTagSet, mergeTags, ownTags, type Tag } from './tags.ts';

/** Tags of an object that may be merged at once. */
export interface JustRead {
  readonly tags: readonly Tag[];
  /** Milliseconds that the call took. */
  readonly milliseconds: number;
}

/**
 * Merges our tags of `entry` into the object's, and writes them unless they are there already. A
 * change that somebody else makes between the read and the write is lost, because S3 replaces all
 * tags without a condition. So tags are read just before the write.
 */
export async function ensureTags(
  entry: Entry,
  { objects, tags }: SettleEffects,
  justRead: JustRead | null,
): Promise<'present' | 'gone'> {
  const ours = ownTags(entry, tags);
  if (ours === null) return 'present';
  if (tags.labels === 0) {
    return entry.versionId === null || (await objects.exists(entry)) ? 'present' : 'gone';
  }
  // Tags that were read while the record was being written do not show that ours are still there:
  // another event may have replaced them just before the record was stored.
  const isWriteNeeded = justRead !== null && !isSameTagSet(justRead.tags, mergeTags(justRead.tags, ours));
  const existing = isWriteNeeded ? justRead.tags : await objects.tags(entry);
  if (existing === 'gone') return 'gone';
  const merged = mergeTags(existing, ours);
  if (isSameTagSet(existing, merged)) return 'present';
  return (await objects.putTags(entry, merged)) === 'gone' ? 'gone' : 'present';
}

/**
 * Reads the object's tags while its record is being written, which saves a wait. They are used only
 * if the record was stored by the time they came. Then they can be merged and written at once, as
 * if they had been asked for after the write.
 * @returns null if the tags must be read again
 */
export async function readTagsBeside(
  writing: Promise<boolean>,
  entry: Entry,
  { objects, tags }: SettleEffects,
): Promise<JustRead | null> {
  if (tags.labels === 0 || (ownTags(entry, tags) ?? []).length === 0) return null;
  let isWritten = false;
  writing.then(
    (written) => {
      isWritten = written;
    },
    () => {},
  );
  const start = performance.now();
  const found = await objects.tags(entry);
  return isWritten && found !== 'gone' ? { tags: found, milliseconds: performance.now() - start } : null;
}
