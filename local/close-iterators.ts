import { createRequire } from 'node:module';

/** What abstract-level's documentation says of an iterator, and what dynalite expects of one. */
interface DatabaseIterator {
  close(): Promise<void>;
  return?(): Promise<void>;
}

type IteratorClass = { readonly prototype: DatabaseIterator };

/**
 * Makes dynalite close the iterators of its database. At the end of every query, dynalite 4.0.0
 * calls `return()`, which these do not have: their method is `close()`. An iterator that is not
 * closed stays in memory, with what its query has seen, until the process ends. An image takes
 * three queries, and each image left 30 kB behind.
 */
export function closeIterators(): void {
  const { AbstractKeyIterator, AbstractValueIterator } = loadAbstractLevel();
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
    prototype.return ??= function close(this: DatabaseIterator) {
      return this.close();
    };
  }
}

/** Loads the copy that dynalite uses. */
function loadAbstractLevel(): Record<'AbstractKeyIterator' | 'AbstractValueIterator', IteratorClass> {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  return createRequire(ofDynalite.resolve('level'))('abstract-level');
}
