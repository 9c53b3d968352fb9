import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { S3Error } from '../errors.ts';
import { DataFiles } from './data-files.ts';
import { writeJsonFile } from './json-file.ts';
import { KeyLock } from './key-lock.ts';
import { type Content, type Description, NULL_VERSION, type ObjectVersion, type Tag } from './object-version.ts';
import { Records } from './records.ts';
import type { Sequencer } from './sequencer.ts';
import type { SortedKeys } from './sorted-keys.ts';
import { UploadFiles } from './upload-files.ts';

export const bucketSettingsSchema = z.strictObject({
  formatVersion: z.literal(1),
  createdAt: z.int(),
  versioning: z.enum(['off', 'enabled', 'suspended']),
  notifications: z.boolean(),
});
export type BucketSettings = z.infer<typeof bucketSettingsSchema>;

/**
 * Functions that run around the moment a change takes effect, while no other change of the key can
 * happen.
 */
export interface Change {
  /** Throws to refuse the change. It receives the current version, which may be a delete marker. */
  readonly check?: (current: ObjectVersion | undefined) => void;
  /** Called once the change is on disk. */
  readonly announce?: (change: { readonly version: ObjectVersion; readonly effect: Effect }) => void;
}
export type Effect = 'written' | 'removed' | 'marked';

/** The result of a deletion. Without a version, there was nothing to delete. */
export interface Removal {
  readonly version?: ObjectVersion;
}

export interface BucketParts {
  readonly name: string;
  readonly dir: string;
  readonly settings: BucketSettings;
  readonly sequencer: Sequencer;
  readonly clock: () => number;
}

/**
 * One bucket on disk. A change takes effect when the record of the key is replaced (in `objects/`).
 * The bytes that the record names are on disk before that.
 */
export class Bucket {
  readonly name: string;
  readonly data: DataFiles;
  readonly uploads: UploadFiles;
  #settings: BucketSettings;
  readonly #dir: string;
  readonly #records: Records;
  readonly #locks = new KeyLock();
  readonly #sequencer: Sequencer;
  readonly #clock: () => number;

  private constructor(parts: BucketParts, records: Records, uploads: UploadFiles) {
    this.name = parts.name;
    this.#dir = parts.dir;
    this.#settings = parts.settings;
    this.#sequencer = parts.sequencer;
    this.#clock = parts.clock;
    this.#records = records;
    this.uploads = uploads;
    this.data = new DataFiles(join(parts.dir, 'data'));
  }

  /**
   * Reads a bucket, and deletes what a crash left in its folder.
   * @throws DamagedStoreError
   */
  static async open(parts: BucketParts): Promise<Bucket> {
    const named = new Set<string>();
    const records = await Records.open(join(parts.dir, 'objects'), (versions) => {
      for (const { segments } of versions) for (const { file } of segments) named.add(file);
    });
    const uploads = await UploadFiles.open(join(parts.dir, 'uploads'), named);
    for (const file of uploads.files()) named.add(file);
    const bucket = new Bucket(parts, records, uploads);
    await bucket.data.sweep(named);
    return bucket;
  }

  get settings(): BucketSettings {
    return this.#settings;
  }

  async configure(settings: BucketSettings): Promise<void> {
    await writeJsonFile(join(this.#dir, 'bucket.json'), settings);
    this.#settings = settings;
  }

  get keys(): SortedKeys {
    return this.#records.keys;
  }

  /** Returns all versions of a key, the newest first. */
  versions(key: string): readonly ObjectVersion[] {
    return this.#records.get(key);
  }

  /**
   * Finds the current version, or the given one.
   * @throws S3Error NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker)
   */
  find(key: string, versionId?: string): ObjectVersion {
    return findLive(this.versions(key), versionId);
  }

  /**
   * Makes written bytes the current version. If this is refused, the caller must remove the bytes.
   */
  async put(key: string, content: Content & Description, change: Change = {}): Promise<ObjectVersion> {
    return this.#locks.run(key, async () => {
      const versions = this.versions(key);
      change.check?.(versions[0]);
      const version: ObjectVersion = { ...content, ...this.#stamp(), deleteMarker: false };
      await this.#addVersion(key, versions, version);
      change.announce?.({ version, effect: 'written' });
      return version;
    });
  }

  /**
   * Deletes a version permanently, or deletes the key in the way that the bucket's versioning
   * demands.
   */
  async remove(key: string, versionId: string | undefined, change: Change = {}): Promise<Removal> {
    return this.#locks.run(key, async () => {
      const versions = this.versions(key);
      change.check?.(versions[0]);
      if (versionId === undefined && this.#settings.versioning !== 'off') {
        const version: ObjectVersion = { ...EMPTY, ...this.#stamp(), deleteMarker: true };
        await this.#addVersion(key, versions, version);
        change.announce?.({ version, effect: 'marked' });
        return { version };
      }
      const doomed = versions.find((version) => version.versionId === (versionId ?? NULL_VERSION));
      if (doomed === undefined) return {};
      await this.#replace(
        key,
        versions,
        versions.filter((version) => version !== doomed),
      );
      change.announce?.({ version: { ...doomed, sequencer: this.#sequencer.next() }, effect: 'removed' });
      return { version: doomed };
    });
  }

  /**
   * Permanently deletes the versions that were replaced or deleted before that time. A version is
   * replaced when the next one is written.
   * @param before milliseconds since 1970
   * @returns the number of deleted versions
   */
  async expireVersions(before: number): Promise<number> {
    let count = 0;
    for (const key of this.#records.replacedKeys()) {
      await this.#locks.run(key, async () => {
        const versions = this.versions(key);
        const kept = versions.filter(
          (_, index) => (versions[index - 1]?.lastModified ?? Number.POSITIVE_INFINITY) > before,
        );
        if (kept.length < versions.length) await this.#replace(key, versions, kept);
        count += versions.length - kept.length;
      });
    }
    return count;
  }

  /**
   * Replaces the tags of a version; everything else of it stays.
   * @throws S3Error like `find`
   */
  async setTags(key: string, versionId: string | undefined, tags: readonly Tag[]): Promise<ObjectVersion> {
    return this.#locks.run(key, async () => {
      const versions = this.versions(key);
      const target = findLive(versions, versionId);
      const changed = { ...target, tags: [...tags] };
      await this.#replace(
        key,
        versions,
        versions.map((version) => (version === target ? changed : version)),
      );
      return changed;
    });
  }

  #stamp(): Pick<ObjectVersion, 'versionId' | 'sequencer' | 'lastModified'> {
    const versionId = this.#settings.versioning === 'enabled' ? randomBytes(16).toString('hex') : NULL_VERSION;
    return { versionId, sequencer: this.#sequencer.next(), lastModified: Math.trunc(this.#clock()) };
  }

  async #addVersion(key: string, versions: readonly ObjectVersion[], version: ObjectVersion): Promise<void> {
    const kept = versions.filter(({ versionId }) => versionId !== version.versionId);
    await this.#replace(key, versions, [version, ...kept]);
  }

  /**
   * The only place where a change takes effect. After that, bytes that no record names any more are
   * removed.
   */
  async #replace(key: string, before: readonly ObjectVersion[], after: readonly ObjectVersion[]): Promise<void> {
    await this.#records.replace(key, after);
    const kept = new Set(after.flatMap(({ segments }) => segments.map(({ file }) => file)));
    await this.data.remove(before.flatMap(({ segments }) => segments).filter(({ file }) => !kept.has(file)));
  }
}

/** The content of a delete marker. */
const EMPTY: Content & Description = { segments: [], size: 0, eTag: '', checksums: {}, headers: {}, tags: [] };

/** Returns the version id as clients see it: undefined if versioning was never on. */
export function shownVersionId(bucket: Bucket, version: ObjectVersion): string | undefined {
  return bucket.settings.versioning === 'off' ? undefined : version.versionId;
}

function findLive(versions: readonly ObjectVersion[], versionId: string | undefined): ObjectVersion {
  const version = versionId === undefined ? versions[0] : versions.find((one) => one.versionId === versionId);
  if (version === undefined) {
    if (versionId !== undefined) throw new S3Error('NoSuchVersion', 'The specified version does not exist.');
    throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  }
  if (!version.deleteMarker) return version;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.', headers);
  throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against a delete marker.', {
    ...headers,
    allow: 'DELETE',
  });
}
