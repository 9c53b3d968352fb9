import type { BackfillItem } from '../../functions/backfill/batch.ts';
import { chooseItem } from '../../functions/backfill/choose-item.ts';
import type { ItemOutcome } from '../../functions/backfill/item-result.ts';
import type { Run } from '../../functions/backfill/run-request.ts';
import type { WatchedObjects } from '../../functions/watched-objects.ts';

/** How many objects a backfill would find. */
export interface ObjectCount {
  /** Objects that it would try. */
  readonly objects: number;
  /** Objects that are listed for that. Null: none is listed, because there is an inventory. */
  readonly listed: number | null;
  /** Why others are left out, and how many. Empty where that is not known. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Where the number is from: `listed`, or `CloudWatch's count of 2026-11-25`. */
  readonly source: string;
  /** Whether it is extrapolated, or a day old. */
  readonly isApproximate: boolean;
}

/** What a backfill would tag: the watched objects of a bucket that pass its filters. */
export interface Wanted extends Pick<Run, 'prefix' | 'suffix' | 'minBytes' | 'maxBytes'> {
  readonly bucket: string;
  readonly watched: readonly WatchedObjects[];
}

const IN_WORDS: Readonly<Partial<Record<ItemOutcome, string>>> = {
  archived: 'in archives',
  filtered: 'of other names or sizes',
  'folder-marker': 'folder markers',
  'not-latest': 'older versions and delete markers',
};

/** Counts objects by what a backfill would do with them. */
export class ObjectCounter {
  readonly #wanted: Wanted;
  readonly leftOut = new Map<string, number>();
  objects = 0;
  seen = 0;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** @throws {InvalidItemError} when it cannot be an object of the bucket */
  add(item: BackfillItem): void {
    this.seen += 1;
    const choice = chooseItem(item, this.#wanted.bucket, this.#wanted, this.#wanted.watched);
    if (choice.kind === 'tag') {
      this.objects += 1;
      return;
    }
    const why = IN_WORDS[choice.outcome] ?? choice.outcome;
    this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1);
  }
}
