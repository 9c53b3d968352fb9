import { createHash } from 'node:crypto';
import { ImageTooLargeError } from '../../../classifier/errors.ts';
import type { ObjectStore, ObjectVersion } from '../../../functions/tagging/objects.ts';
import type { Tag } from '../../../functions/tagging/tags.ts';
import type { Step } from '../records/memory-records.ts';

export interface StoredVersion {
  readonly versionId: string;
  /** ISO 8601. */
  readonly lastModified: string;
  /** Null: a delete marker. */
  readonly content: string | null;
  tags: Tag[];
  /** How often a user changed a tag of their own here. */
  userChanges: number;
  /**
   * Whether the last of these came between a read of the tags and the write that followed at once:
   * S3 cannot tell.
   */
  isUserChangeLost: boolean;
}

type StoredObject = StoredVersion & { readonly content: string };

/** What an S3 event says of a change. */
export interface Change {
  readonly versionId: string | null;
  readonly eTag: string | null;
  readonly size: number | null;
  readonly sequencer: string;
  readonly time: string;
}

/** The tag that {@link MemoryBucket.changeUserTag} changes; its value counts the changes. */
export const USER_TAG = 'owner';

/** One key of a bucket, with or without versioning: contents and tags. */
export class MemoryBucket {
  /** Oldest first. Without versioning at most one. */
  versions: StoredVersion[] = [];
  /** The model that the metadata of every object names. */
  requestedModel: string | null = null;
  readonly #versioned: boolean;
  #changes = 0;

  constructor({ versioned }: { versioned: boolean }) {
    this.#versioned = versioned;
  }

  put(content: string, tags: Tag[]): Change {
    const change = this.#nextChange();
    const version = newVersion(change, content, tags);
    this.versions = this.#versioned ? [...this.versions, version] : [version];
    return { ...change, eTag: eTagOf(content), size: Buffer.byteLength(content) };
  }

  /** Without versioning the object goes; with it a delete marker comes. */
  delete(): Change {
    const change = this.#nextChange();
    this.versions = this.#versioned ? [...this.versions, newVersion(change, null, [])] : [];
    return change;
  }

  deleteVersion(versionId: string): Change {
    this.versions = this.versions.filter((version) => version.versionId !== versionId);
    return { ...this.#nextChange(), versionId };
  }

  /**
   * A user changes a tag of their own on the current object, if there is one: read, merged and
   * written in one moment.
   */
  changeUserTag(): void {
    const version = this.current;
    if (version === null) return;
    version.userChanges += 1;
    version.isUserChangeLost = false;
    const others = version.tags.filter(({ key }) => key !== USER_TAG);
    version.tags = [...others, { key: USER_TAG, value: String(version.userChanges) }];
  }

  /** The object that a request without a version id means; null when there is none. */
  get current(): StoredObject | null {
    return this.#find({ bucket: '', key: '', versionId: null });
  }

  /** Tags of the object that a request without a version id means; null when there is none. */
  get currentTags(): readonly Tag[] | null {
    return this.current?.tags ?? null;
  }

  /**
   * Its objects, whatever bucket and key are asked for, every request a step.
   * @param wasLast whether the last answer that this caller got, of all services, was that of
   * `label`
   */
  connect(step: Step, wasLast: (label: string) => boolean = () => true): ObjectStore {
    let read: Pick<StoredVersion, 'content' | 'userChanges'> | null = null;
    return {
      open: async (object, ifMatch) => {
        const found = await step('GetObject', () => {
          const version = this.#find(object);
          if (version === null) return 'gone';
          if (ifMatch !== null && ifMatch !== eTagOf(version.content)) return 'superseded';
          const { content, lastModified } = version;
          return { content, lastModified, versionId: this.#versioned ? version.versionId : null };
        });
        if (typeof found === 'string') return found;
        const { content, lastModified, versionId } = found;
        const bytes = Buffer.from(content);
        return {
          eTag: eTagOf(content),
          versionId,
          size: bytes.length,
          lastModified,
          requestedModel: this.requestedModel,
          bytes: async (maxBytes) => {
            if (bytes.length > maxBytes) throw new ImageTooLargeError(`image of ${bytes.length} bytes`);
            return bytes;
          },
          beginning: async (count) => bytes.subarray(0, count),
          discard: () => {},
        };
      },
      exists: (object) => step('HeadObject', () => this.#find(object) !== null),
      tags: async (object) => {
        const found = await step('GetObjectTagging', () => {
          const version = this.#find(object);
          return version && { tags: version.tags, content: version.content, userChanges: version.userChanges };
        });
        read = found;
        return found === null ? 'gone' : found.tags;
      },
      putTags: (object, tags) => {
        const readAtOnceBefore = wasLast('GetObjectTagging');
        return step('PutObjectTagging', () => {
          const version = this.#find(object);
          if (version === null) return 'gone';
          const isSame = read?.content === version.content && read.userChanges === version.userChanges;
          if (readAtOnceBefore && !isSame) version.isUserChangeLost = true;
          version.tags = [...tags];
          return 'put';
        });
      },
    };
  }

  #find({ versionId: wanted }: ObjectVersion): StoredObject | null {
    const version =
      wanted === null ? this.versions.at(-1) : this.versions.find(({ versionId }) => versionId === wanted);
    return version !== undefined && isObject(version) ? version : null;
  }

  #nextChange(): Change {
    this.#changes += 1;
    // Lengths differ, as S3's may; the order is that of the numbers all the same.
    const sequencer = `00${this.#changes}${'0'.repeat(this.#changes % 3)}`;
    return {
      versionId: this.#versioned ? `v${this.#changes}` : null,
      eTag: null,
      size: null,
      sequencer,
      time: timeOf(this.#changes),
    };
  }
}

/** Each change comes a second after the one before. */
function timeOf(change: number): string {
  return new Date(Date.UTC(2026, 10, 24) + change * 1000).toISOString();
}

function newVersion({ versionId, time }: Change, content: string | null, tags: readonly Tag[]): StoredVersion {
  return {
    versionId: versionId ?? 'null',
    lastModified: time,
    content,
    tags: [...tags],
    userChanges: 0,
    isUserChangeLost: false,
  };
}

const eTags = new Map<string, string>();

export function eTagOf(content: string): string {
  const eTag = eTags.get(content) ?? createHash('md5').update(content).digest('hex');
  eTags.set(content, eTag);
  return eTag;
}

function isObject(version: StoredVersion): version is StoredObject {
  return version.content !== null;
}
