import type { BackfillDependencies } from '../../../functions/backfill/dependencies.ts';
import type { ItemResult } from '../../../functions/backfill/item-result.ts';
import { holds } from '../../../functions/records/condition.ts';
import { type Entry, isTombstone } from '../../../functions/records/record.ts';
import type { Tag } from '../../../functions/tagging/tags.ts';

/** A bucket that has the same picture under every key, and its records, in memory. */
export interface MemoryServices {
  readonly dependencies: Pick<BackfillDependencies, 'objects' | 'records' | 'thumbnails' | 'publish' | 'results'>;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly tags: ReadonlyMap<string, readonly Tag[]>;
  readonly results: readonly ItemResult[];
}

/**
 * Stands in for the local services where there are so many objects that those would take minutes.
 * Records are written on the conditions of the table.
 */
export function createMemoryServices(picture: Uint8Array, eTag: string): MemoryServices {
  const entries = new Map<string, Entry>();
  const tags = new Map<string, readonly Tag[]>();
  const results: ItemResult[] = [];
  const object = {
    eTag,
    versionId: null,
    size: picture.length,
    lastModified: '2026-11-27T00:00:00.000Z',
    requestedModel: null,
    bytes: async () => picture,
    beginning: async () => picture,
    discard() {},
  };
  return {
    entries,
    tags,
    results,
    dependencies: {
      objects: {
        open: async () => object,
        exists: async () => true,
        tags: async ({ key }) => tags.get(key) ?? [],
        putTags: async ({ key }, all) => {
          tags.set(key, all);
          return 'put';
        },
      },
      records: {
        read: async ({ key }) => ({ entry: entries.get(key) ?? null, rows: [] }),
        readRecord: async ({ key }) => {
          const entry = entries.get(key);
          return entry === undefined || isTombstone(entry) ? null : entry;
        },
        write: async (entry, condition) => {
          if (!holds(condition, entries.get(entry.key) ?? null)) return false;
          entries.set(entry.key, entry);
          return true;
        },
        changeRows: async () => {},
      },
      thumbnails: { remove: async () => {} },
      publish: async () => {},
      results: { write: async (_name, all) => void results.push(...all) },
    },
  };
}
