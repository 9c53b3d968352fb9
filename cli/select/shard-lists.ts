import { entryOf, type ManifestEntry } from './manifest.ts';
import type { SelectedClass } from './teacher-selection.ts';

/** A sample of a WebDataset shard: what its files in the tar archive are to hold. */
export interface ShardSample {
  /** The common name of the sample's files, without an ending; no two samples share one. */
  readonly __key__: string;
  /** Where the picture is: see ManifestEntry. */
  readonly uri: string;
  /** The class in the model's output, for the `.cls` file. */
  readonly cls: number;
  readonly wnid: string | null;
  readonly score: number;
}

export interface ShardList {
  /** `shard-000000.jsonl` */
  readonly name: string;
  readonly samples: readonly ShardSample[];
}

const NUMBER_DIGITS = 6;
const KEY_DIGITS = 9;
const LIST_NAME = new RegExp(`^shard-\\d{${NUMBER_DIGITS},}\\.jsonl$`);

/** Tells whether a file is named as a list is. */
export function isListName(name: string): boolean {
  return LIST_NAME.test(name);
}

/**
 * Deals the selected images out to shards of about `size` images. A trainer reads a shard from its
 * beginning to its end and mixes only a part of it, so every shard gets an equal share of each
 * class, and its samples go through the classes in turn. One list is in memory at a time.
 * @param size most images of a shard, at least 1; all shards have the same number, or one less
 */
export function* shardLists(classes: readonly SelectedClass[], size: number): Generator<ShardList> {
  const total = classes.reduce((sum, { top }) => sum + top.size, 0);
  const shards = Math.ceil(total / size);
  let key = 0;
  for (let shard = 0; shard < shards; shard += 1) {
    const entries = entriesOf(classes, shard, shards).sort(
      (one, other) => one.rank - other.rank || one.index - other.index,
    );
    const samples = entries.map(({ uri, index: cls, wnid, score }) => {
      key += 1;
      return { __key__: String(key - 1).padStart(KEY_DIGITS, '0'), uri, cls, wnid, score };
    });
    yield { name: `shard-${String(shard).padStart(NUMBER_DIGITS, '0')}.jsonl`, samples };
  }
}

/** Returns every `shards`-th image, counted over all classes, from the image `shard` on. */
function entriesOf(classes: readonly SelectedClass[], shard: number, shards: number): ManifestEntry[] {
  const entries: ManifestEntry[] = [];
  let before = 0;
  for (const selected of classes) {
    const { size } = selected.top;
    const first = (((shard - before) % shards) + shards) % shards;
    for (let place = first; place < size; place += shards) entries.push(entryOf(selected, place + 1));
    before += size;
  }
  return entries;
}
