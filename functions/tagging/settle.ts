import { holds } from '../records/condition.ts';
import { rowChanges } from '../records/labels.ts';
import { type Entry, isTombstone, type ObjectName, toTombstone } from '../records/record.ts';
import { withRowList } from '../records/row-list.ts';
import type { StoredImage } from '../records/store.ts';
import { together } from '../side-by-side/together.ts';
import type { SettleEffects } from './effects.ts';
import { ensureTags, type JustRead } from './ensure-tags.ts';
import { UnsettledImageError } from './errors.ts';

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

export interface SettleOptions {
  /** The object's tags, if they were read a moment ago. */
  readonly tagsJustRead?: JustRead | null;
  /**
   * Called beside the last look, once rows and tags match the entry. It is not called again for the
   * same entry.
   */
  readonly announce?: (entry: Entry) => Promise<void>;
}

/**
 * Updates label rows and tags to match the image's entry, removes the thumbnail of a deleted image,
 * and repeats this until the entry has not changed meanwhile. It runs after every write, and on
 * every event that finds its work done, so it repairs what a crash left unfinished. A record of an
 * earlier version, or of another threshold, first gets the list of the rows that it would have now.
 * @param from what was read or written last
 * @throws {UnsettledImageError} when other events keep changing the image
 */
export async function settle(
  name: ObjectName,
  from: StoredImage,
  effects: SettleEffects,
  { tagsJustRead = null, announce = async () => {} }: SettleOptions = {},
): Promise<Settled> {
  const { records, thumbnails, indexThreshold, now } = effects;
  let image = from;
  let announced: Entry | null = null;
  let tagMilliseconds = tagsJustRead?.milliseconds ?? 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { entry, rows } = image;
    if (entry === null) return { entry, tagMilliseconds };
    const isKnown = { kind: 'unchanged', seen: entry } as const;
    const listed = withRowList(entry, indexThreshold);
    if (listed !== entry) {
      // The list comes before the rows: a search counts no row that the record does not list.
      await records.write(listed, isKnown);
      image = await records.read(name);
      continue;
    }
    const start = performance.now();
    const [presence] = await together(
      ensureTags(entry, effects, round === 0 ? tagsJustRead : null).finally(() => {
        tagMilliseconds += performance.now() - start;
      }),
      records.changeRows(entry, rowChanges(entry, rows)),
      isTombstone(entry) ? thumbnails.remove(name) : Promise.resolve(),
    );
    if (presence === 'gone' && !isTombstone(entry)) {
      // The event of the deletion may have been handled before there was a record to delete.
      await records.write(toTombstone(name, entry.versionId, entry, now()), isKnown);
    }
    const isNew = presence === 'present' && !holds(isKnown, announced);
    const [look] = await together(records.read(name), isNew ? announce(entry) : Promise.resolve());
    if (isNew) announced = entry;
    image = look;
    const { put, remove } = rowChanges(image.entry, image.rows);
    const isUnchanged = holds(isKnown, image.entry);
    if (isUnchanged && put.length === 0 && remove.length === 0) return { entry: image.entry, tagMilliseconds };
  }
  throw new UnsettledImageError(
    `s3://${name.bucket}/${name.key}: it changed ${MAX_ROUNDS} times while it was being updated. The message is tried again.`,
  );
}
