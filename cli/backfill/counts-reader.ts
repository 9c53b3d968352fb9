import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { countItems, type ItemCounts, itemCountsSchema } from '../../functions/backfill/item-result.ts';
import { countsPrefix } from '../../functions/backfill/result-keys.ts';
import { createTurns } from '../../functions/side-by-side/turns.ts';
import { callingServices } from '../deployment/service-error.ts';
import type { Backfill } from './open-backfill.ts';

/** What the calls of a run have told so far. */
export interface RunCounts extends ItemCounts {
  /** Calls that have told, of which at most `MOST_READ` were read: the counts are scaled up. */
  readonly calls: number;
}

/** A run of five million images has as many calls. Beyond, the counts are close enough. */
export const MOST_READ = 10_000;

const READS_AT_ONCE = 16;

/** An object of counts, as it was listed. */
interface ListedCounts {
  readonly key: string;
  readonly eTag: string;
}

/**
 * Adds up the counts of a run. Each object is read once, however often the sum is asked for, and
 * again only after the call was tried again: that replaces what the attempt before has told.
 */
export class CountsReader {
  readonly #backfill: Pick<Backfill, 'deployment' | 'serviceBucket'>;
  readonly #prefix: string;
  /** What was read, by the object's key. */
  readonly #read = new Map<string, { readonly eTag: string; readonly counts: ItemCounts }>();

  /** @param runId name of the execution */
  constructor(backfill: Pick<Backfill, 'deployment' | 'serviceBucket'>, runId: string) {
    this.#backfill = backfill;
    this.#prefix = countsPrefix(runId);
  }

  /** Reads what is new or was replaced. */
  async refresh(): Promise<RunCounts> {
    const { unread, calls } = await this.#list();
    const turns = createTurns(READS_AT_ONCE);
    await Promise.all(unread.map((listed) => turns.take(() => this.#add(listed))));
    const scale = this.#read.size === 0 ? 1 : calls / this.#read.size;
    const scaled = <Name extends string>(counts: Readonly<Record<Name, number>>) =>
      Object.fromEntries(
        Object.entries<number>(counts).map(([name, count]) => [name, Math.round(count * scale)]),
      ) as Record<Name, number>;
    const { items, failures, rejections } = this.#sum();
    return { items: scaled(items), failures: scaled(failures), rejections: scaled(rejections), calls };
  }

  async #list(): Promise<{ readonly unread: ListedCounts[]; readonly calls: number }> {
    const { deployment, serviceBucket } = this.#backfill;
    const pages = paginateListObjectsV2(
      { client: deployment.clients.s3 },
      { Bucket: serviceBucket, Prefix: this.#prefix },
    );
    const unread: ListedCounts[] = [];
    let known = this.#read.size;
    let calls = 0;
    for (;;) {
      const { value: page, done } = await callingServices(['s3:ListBucket'], () => pages.next());
      if (done) return { unread, calls };
      for (const { Key: key = '', ETag: eTag = '' } of page?.Contents ?? []) {
        calls += 1;
        const read = this.#read.get(key);
        if (read?.eTag === eTag || (read === undefined && known >= MOST_READ)) continue;
        if (read === undefined) known += 1;
        unread.push({ key, eTag });
      }
    }
  }

  async #add({ key, eTag }: ListedCounts): Promise<void> {
    const { deployment, serviceBucket } = this.#backfill;
    const text = await callingServices(['s3:GetObject'], async () => {
      const { Body } = await deployment.clients.s3.send(new GetObjectCommand({ Bucket: serviceBucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    });
    this.#read.set(key, { eTag, counts: itemCountsSchema.parse(JSON.parse(text)) });
  }

  #sum(): ItemCounts {
    const sum = countItems([]);
    for (const { counts } of this.#read.values()) {
      addTo(sum.items, counts.items);
      addTo(sum.failures, counts.failures);
      addTo(sum.rejections, counts.rejections);
    }
    return sum;
  }
}

function addTo(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
}
