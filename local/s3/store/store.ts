import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Error } from '../errors.ts';
import type { BucketOptions } from '../local-s3.ts';
import { Bucket, type BucketSettings, bucketSettingsSchema } from './bucket.ts';
import { isMissing, readJsonFile } from './json-file.ts';
import { KeyLock } from './key-lock.ts';
import { Sequencer } from './sequencer.ts';

export interface StoreOptions {
  readonly dataDir: string;
  readonly clock: () => number;
}

/**
 * 3 to 63 of a-z, 0-9, `-` and `.`, starting and ending with a letter or digit. Such a name is also
 * always a safe folder name.
 */
const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** All buckets of a data folder. */
export class Store {
  readonly #dataDir: string;
  readonly #clock: () => number;
  readonly #sequencer: Sequencer;
  readonly #buckets = new Map<string, Bucket>();
  readonly #kept = new Set<string>();
  readonly #locks = new KeyLock();

  private constructor({ dataDir, clock }: StoreOptions) {
    this.#dataDir = dataDir;
    this.#clock = clock;
    this.#sequencer = new Sequencer(join(dataDir, 'sequencer'), clock);
  }

  /** @throws DamagedStoreError */
  static async open(options: StoreOptions): Promise<Store> {
    await mkdir(join(options.dataDir, 'buckets'), { recursive: true });
    const store = new Store(options);
    for (const name of await readdir(join(options.dataDir, 'buckets'))) {
      if (BUCKET_NAME.test(name)) await store.#load(name);
    }
    return store;
  }

  /** Returns the buckets in the order of their names. */
  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws S3Error NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', `The specified bucket does not exist: ${name}`);
    return bucket;
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /**
   * Creates a bucket, or changes the given settings of an existing one.
   * @throws S3Error InvalidBucketName
   */
  async createBucket(name: string, options: BucketOptions = {}): Promise<Bucket> {
    if (!BUCKET_NAME.test(name)) {
      throw new S3Error(
        'InvalidBucketName',
        'The specified bucket is not valid. A name has 3 to 63 lower-case letters, digits, dots and hyphens.',
      );
    }
    return this.#locks.run(name, async () => {
      const existing = this.#buckets.get(name);
      const bucket = existing ?? (await this.#open(name, this.#newSettings()));
      const settings = configured(bucket.settings, options);
      if (existing === undefined || settings !== bucket.settings) await bucket.configure(settings);
      this.#buckets.set(name, bucket);
      return bucket;
    });
  }

  /** Protects a bucket from `deleteBucket`. */
  keep(name: string): void {
    this.#kept.add(name);
  }

  /**
   * Deletes a bucket that holds nothing, no old version and no delete marker either.
   * @throws S3Error NoSuchBucket, BucketNotEmpty, AccessDenied (it is kept)
   */
  async deleteBucket(name: string): Promise<void> {
    await this.#locks.run(name, async () => {
      const bucket = this.bucket(name);
      if (this.#kept.has(name)) {
        throw new S3Error('AccessDenied', `Access Denied: the local stack needs the bucket ${name}.`);
      }
      if (bucket.keys.length > 0) {
        throw new S3Error(
          'BucketNotEmpty',
          'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
        );
      }
      this.#buckets.delete(name);
      await rm(this.#dir(name), { recursive: true });
    });
  }

  #newSettings(): BucketSettings {
    return { formatVersion: 1, createdAt: Math.trunc(this.#clock()), versioning: 'off', notifications: false };
  }

  async #load(name: string): Promise<void> {
    try {
      const settings = await readJsonFile(join(this.#dir(name), 'bucket.json'), bucketSettingsSchema);
      this.#buckets.set(name, await this.#open(name, settings));
    } catch (error) {
      if (!isMissing(error)) throw error; // a folder without settings: a crash came before the bucket was complete
    }
  }

  #open(name: string, settings: BucketSettings): Promise<Bucket> {
    return Bucket.open({ name, dir: this.#dir(name), settings, sequencer: this.#sequencer, clock: this.#clock });
  }

  #dir(name: string): string {
    return join(this.#dataDir, 'buckets', name);
  }
}

function configured(settings: BucketSettings, { versioned, notifications }: BucketOptions): BucketSettings {
  const changed = { ...settings };
  if (versioned === true) changed.versioning = 'enabled';
  if (versioned === false && settings.versioning === 'enabled') changed.versioning = 'suspended';
  if (notifications !== undefined) changed.notifications = notifications;
  return changed.versioning === settings.versioning && changed.notifications === settings.notifications
    ? settings
    : changed;
}
