import type { Run } from '../../functions/backfill/run-request.ts';

/** What is known of an object before it is read. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly storageClass: string;
  /** False for an older version, or a delete marker, of an inventory. */
  readonly isLatest: boolean;
}

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

export type Filter = Pick<Run, 'prefix' | 'suffix' | 'minBytes' | 'maxBytes'>;

/** Objects of these classes must be restored before they can be read. */
const ARCHIVED = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Counts objects by what a backfill would do with them. */
export class ObjectCounter {
  readonly #filter: Filter;
  readonly leftOut = new Map<string, number>();
  objects = 0;
  seen = 0;

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  add(object: ListedObject): void {
    this.seen += 1;
    const why = whyLeftOut(object, this.#filter);
    if (why === null) this.objects += 1;
    else this.leftOut.set(why, (this.leftOut.get(why) ?? 0) + 1);
  }
}

function whyLeftOut({ key, size, storageClass, isLatest }: ListedObject, filter: Filter): string | null {
  const { prefix, suffix, minBytes, maxBytes } = filter;
  if (!isLatest) return 'older versions and delete markers';
  if (key.endsWith('/')) return 'folder markers';
  if (!key.startsWith(prefix) || !key.endsWith(suffix)) return 'other names';
  if (size < minBytes || size > (maxBytes ?? Number.POSITIVE_INFINITY)) return 'other sizes';
  return ARCHIVED.has(storageClass) ? 'in archives' : null;
}
