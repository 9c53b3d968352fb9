import { loadLevelPackage } from './level-packages.ts';

interface LevelDb {
  _open(options: object): Promise<void>;
}

/**
 * Bytes of LevelDB's cache and of its buffer for writes, of which it may fill two. By default these
 * are 8 and 4 MB, which the threads of libuv fill in turn, so that glibc keeps several times as
 * much. The operating system has the same files in a cache of its own.
 */
const BOUNDS = { cacheSize: 262_144, writeBufferSize: 1_048_576 };

const bound = new WeakSet<LevelDb>();

/**
 * Makes dynalite's database hold less in memory. dynalite 4.0.0 passes no options on to LevelDB, so
 * the method that opens it, which abstract-level documents for databases, is replaced.
 */
export function boundCaches(): void {
  const { prototype } = loadLevelPackage<{ ClassicLevel: { readonly prototype: LevelDb } }>(
    'classic-level',
  ).ClassicLevel;
  if (bound.has(prototype)) return;
  bound.add(prototype);
  const open = prototype._open;
  prototype._open = function openBound(this: LevelDb, options) {
    return open.call(this, { ...options, ...BOUNDS });
  };
}
