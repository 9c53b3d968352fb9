import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedStoreError } from '../errors.ts';
import { filesUnder } from './data-files.ts';
import { isMissing, readJsonFile, readJsonFileSync, TEMPORARY_SUFFIX, writeJsonFile } from './json-file.ts';
import { keyRecordSchema, type ObjectVersion } from './object-version.ts';
import { SortedKeys } from './sorted-keys.ts';

/**
 * Number of records that stay in memory, the last used ones. A record takes 1.2 kB there, so a
 * bucket of a million pictures would take 1.2 GB. It is more than a page of a listing has, because
 * a listing reads its keys twice.
 */
const RECENT_RECORDS = 2_000;
/** Number of records that are read at the same time at the start. */
const READS_AT_ONCE = 32;

/**
 * What a bucket knows of its keys: one file per key, named by the SHA-256 of the key. All keys are
 * in memory, and the records that were used last. The others are read again when they are needed.
 */
export class Records {
  readonly keys: SortedKeys;
  readonly #dir: string;
  /** The last used one comes last. */
  readonly #recent = new Map<string, readonly ObjectVersion[]>();
  readonly #maxRecent: number;
  /** Keys with old versions, which are few. */
  readonly #replaced: Set<string>;

  private constructor(dir: string, keys: Iterable<string>, replaced: Set<string>, maxRecent: number) {
    this.#dir = dir;
    this.keys = new SortedKeys(keys);
    this.#replaced = replaced;
    this.#maxRecent = maxRecent;
  }

  /**
   * Reads every record once, and deletes files that a crash left incomplete.
   * @param onRecord receives the versions of each key
   * @param maxRecent default 2,000
   * @throws DamagedStoreError
   */
  static async open(
    dir: string,
    onRecord: (versions: readonly ObjectVersion[]) => void,
    maxRecent = RECENT_RECORDS,
  ): Promise<Records> {
    const keys: string[] = [];
    const replaced = new Set<string>();
    const paths = (await filesUnder(dir)).values();
    const readAll = async () => {
      for (const path of paths) {
        if (path.endsWith(TEMPORARY_SUFFIX)) {
          await rm(path, { force: true });
          continue;
        }
        const { key, versions } = await readJsonFile(path, keyRecordSchema);
        if (recordPath(dir, key) !== path) throw new DamagedStoreError(path, 'its name belongs to another key');
        keys.push(key);
        if (versions.length > 1) replaced.add(key);
        onRecord(versions);
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readAll));
    return new Records(dir, keys, replaced, maxRecent);
  }

  /**
   * Returns all versions of a key, the newest first, and none of an unknown key.
   * @throws DamagedStoreError
   */
  get(key: string): readonly ObjectVersion[] {
    const versions = this.#recent.get(key) ?? this.#read(key);
    if (versions.length > 0) this.#keep(key, versions);
    return versions;
  }

  /** Returns the keys that have more than one version, in no particular order. */
  replacedKeys(): readonly string[] {
    return [...this.#replaced];
  }

  /** Replaces the versions of a key: first on disk, then in memory. No versions remove the key. */
  async replace(key: string, versions: readonly ObjectVersion[]): Promise<void> {
    const path = recordPath(this.#dir, key);
    if (versions.length > 0) {
      await writeJsonFile(path, { key, versions });
      this.#keep(key, versions);
      this.keys.add(key);
    } else {
      await rm(path, { force: true });
      this.#recent.delete(key);
      this.keys.delete(key);
    }
    if (versions.length > 1) this.#replaced.add(key);
    else this.#replaced.delete(key);
  }

  #read(key: string): readonly ObjectVersion[] {
    if (!this.keys.has(key)) return [];
    try {
      return readJsonFileSync(recordPath(this.#dir, key), keyRecordSchema).versions;
    } catch (error) {
      if (isMissing(error)) return []; // its removal has just taken effect on disk
      throw error;
    }
  }

  #keep(key: string, versions: readonly ObjectVersion[]): void {
    this.#recent.delete(key);
    this.#recent.set(key, versions);
    const [oldest] = this.#recent.size > this.#maxRecent ? this.#recent.keys() : [];
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Returns the SHA-256 in hexadecimal, which names the files of a key. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function recordPath(dir: string, key: string): string {
  const hash = hashKey(key);
  return join(dir, hash.slice(0, 2), `${hash}.json`);
}
