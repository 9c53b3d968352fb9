import { type Entry, isTombstone } from '../records/record.ts';
import type { SettleEffects } from './effects.ts';

/**
 * Removes the thumbnail of the content that a record replaces. This comes before the record is
 * written: after a crash in between, nobody would know any more that there was other content. A
 * deleted image loses its thumbnail when its tombstone is settled, or here if it is uploaded again
 * before that.
 */
export async function removeOldThumbnail(
  seen: Entry | null,
  next: Entry,
  { thumbnails }: Pick<SettleEffects, 'thumbnails'>,
): Promise<void> {
  if (seen === null || isTombstone(next) || (!isTombstone(seen) && seen.eTag === next.eTag)) return;
  await thumbnails.remove(next);
}
