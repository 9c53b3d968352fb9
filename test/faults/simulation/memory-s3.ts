import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { buildNotification, type S3EventName, type S3Notification } from '../../../local/s3/events.ts';

/** One version of an object, or a delete marker. */
export interface StoredVersion {
  readonly versionId: string;
  readonly sequencer: string;
  readonly eTag: string;
  /** Null: a delete marker. */
  readonly bytes: Buffer | null;
  readonly lastModified: Date;
  readonly metadata: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
}

interface Bucket {
  readonly isVersioned: boolean;
  /** By key, the newest version first. */
  readonly keys: Map<string, StoredVersion[]>;
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

type Answer = Record<string, unknown>;

/** S3 in memory, as far as the functions and the plans call it. Each call happens in one moment. */
export class MemoryS3 {
  readonly #buckets = new Map<string, Bucket>();
  readonly #onEvent: (bucket: string, notification: S3Notification) => void;
  #changes = 0;

  constructor(onEvent: (bucket: string, notification: S3Notification) => void) {
    this.#onEvent = onEvent;
  }

  createBucket(name: string, isVersioned: boolean): void {
    this.#buckets.set(name, { isVersioned, keys: new Map() });
  }

  /** All versions of all keys. */
  keysOf(bucket: string): ReadonlyMap<string, readonly StoredVersion[]> {
    return this.#bucket(bucket).keys;
  }

  call(operation: string, input: object): Answer {
    const target = input as Target;
    switch (operation) {
      case 'PutObject':
        return this.#put(input as Parameters<MemoryS3['put']>[0]);
      case 'GetObject':
        return this.#get(input as Target & { IfMatch?: string });
      case 'HeadObject':
        return describe(this.#find(target, 'NotFound'));
      case 'DeleteObject':
        return this.#delete(target);
      case 'GetObjectTagging':
        return { TagSet: Object.entries(this.#find(target).tags).map(([Key, Value]) => ({ Key, Value })) };
      case 'PutObjectTagging':
        return this.#putTags(input as Parameters<MemoryS3['call']>[1] & Target);
      case 'ListObjectsV2':
        return this.#list(input as { Bucket: string });
      default:
        throw new TypeError(`the simulated S3 has no ${operation}`);
    }
  }

  put(input: {
    Bucket: string;
    Key: string;
    Body: Uint8Array | string;
    Metadata?: Record<string, string>;
    Tagging?: string;
    isSilent?: boolean;
  }): StoredVersion {
    const bytes = Buffer.from(input.Body as Uint8Array);
    const eTag = createHash('md5').update(bytes).digest('hex');
    const tags = Object.fromEntries(new URLSearchParams(input.Tagging ?? ''));
    const version = this.#add(input, { eTag, bytes, metadata: input.Metadata ?? {}, tags });
    if (input.isSilent !== true) this.#tell(input, 'ObjectCreated:Put', version);
    return version;
  }

  #put(input: Parameters<MemoryS3['put']>[0]): Answer {
    const { eTag, versionId } = this.put(input);
    return { ETag: `"${eTag}"`, ...(this.#bucket(input.Bucket).isVersioned ? { VersionId: versionId } : {}) };
  }

  #get(input: Target & { IfMatch?: string }): Answer {
    const version = this.#find(input);
    if (input.IfMatch !== undefined && input.IfMatch !== `"${version.eTag}"`) {
      throw failure('PreconditionFailed', 412);
    }
    return { ...describe(version), Body: toBody(version.bytes ?? Buffer.alloc(0)) };
  }

  #delete({ Bucket, Key, VersionId }: Target): Answer {
    const { keys, isVersioned } = this.#bucket(Bucket);
    const versions = keys.get(Key) ?? [];
    if (!isVersioned) {
      if (keys.delete(Key))
        this.#tell({ Bucket, Key }, 'ObjectRemoved:Delete', { versionId: 'null', sequencer: this.#next() });
      return {};
    }
    if (VersionId === undefined) {
      const marker = this.#add({ Bucket, Key }, { eTag: '', bytes: null, metadata: {}, tags: {} });
      this.#tell({ Bucket, Key }, 'ObjectRemoved:DeleteMarkerCreated', marker);
      return { VersionId: marker.versionId, DeleteMarker: true };
    }
    const deleted = versions.find(({ versionId }) => versionId === VersionId);
    if (deleted === undefined) return { VersionId };
    keys.set(
      Key,
      versions.filter((version) => version !== deleted),
    );
    this.#tell({ Bucket, Key }, 'ObjectRemoved:Delete', { versionId: VersionId, sequencer: this.#next() });
    return { VersionId, ...(deleted.bytes === null ? { DeleteMarker: true } : {}) };
  }

  #putTags(input: Target & { Tagging?: { TagSet: { Key: string; Value: string }[] } }): Answer {
    const version = this.#find(input);
    version.tags = Object.fromEntries((input.Tagging?.TagSet ?? []).map(({ Key, Value }) => [Key, Value]));
    return {};
  }

  #list(input: { Bucket: string; Prefix?: string; MaxKeys?: number; StartAfter?: string; ContinuationToken?: string }) {
    const after = input.ContinuationToken ?? input.StartAfter ?? '';
    const found = [...this.#bucket(input.Bucket).keys]
      .filter(([key, [current]]) => current?.bytes && key > after && key.startsWith(input.Prefix ?? ''))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = found.slice(0, input.MaxKeys ?? 1000);
    const IsTruncated = page.length < found.length;
    const Contents = page.map(([Key, [current]]) => ({
      Key,
      ETag: `"${current?.eTag}"`,
      Size: current?.bytes?.length,
      LastModified: current?.lastModified,
    }));
    return { Contents, IsTruncated, ...(IsTruncated ? { NextContinuationToken: page.at(-1)?.[0] } : {}) };
  }

  #find({ Bucket, Key, VersionId }: Target, missing = 'NoSuchKey'): StoredVersion {
    const versions = this.#bucket(Bucket).keys.get(Key) ?? [];
    const found = VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === VersionId);
    if (found?.bytes) return found;
    if (found !== undefined && VersionId !== undefined) throw failure('MethodNotAllowed', 405);
    if (missing === 'NoSuchKey') throw new NoSuchKey({ message: missing, $metadata: { httpStatusCode: 404 } });
    throw failure(missing, 404);
  }

  #add({ Bucket, Key }: Target, content: Pick<StoredVersion, 'eTag' | 'bytes' | 'metadata' | 'tags'>): StoredVersion {
    const { keys, isVersioned } = this.#bucket(Bucket);
    const sequencer = this.#next();
    // S3 tells the time of an object in whole seconds.
    const lastModified = new Date(Math.floor(Date.now() / 1000) * 1000);
    const version = { ...content, versionId: isVersioned ? `v${this.#changes}` : 'null', sequencer, lastModified };
    keys.set(Key, isVersioned ? [version, ...(keys.get(Key) ?? [])] : [version]);
    return version;
  }

  /** A sequencer. Their lengths differ, as S3's may. */
  #next(): string {
    this.#changes += 1;
    return `0055AE${this.#changes.toString(16).toUpperCase().padStart(8, '0')}${'0'.repeat(this.#changes % 3)}`;
  }

  #tell(
    { Bucket, Key }: Target,
    name: S3EventName,
    version: Pick<StoredVersion, 'versionId' | 'sequencer'> & Partial<StoredVersion>,
  ) {
    const { versionId, sequencer, eTag, bytes } = version;
    const object = {
      key: Key,
      versionId: versionId === 'null' ? null : versionId,
      sequencer,
      ...(bytes ? { eTag: eTag ?? '', size: bytes.length } : {}),
    };
    this.#onEvent(Bucket, buildNotification(Bucket, name, object, new Date()));
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw failure('NoSuchBucket', 404);
    return bucket;
  }
}

/** A body as the SDK gives it out. */
export function toBody(bytes: Buffer): Readable {
  return Object.assign(Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false }), {
    transformToByteArray: async () => new Uint8Array(bytes),
    transformToString: async () => bytes.toString(),
  });
}

function describe({ eTag, bytes, versionId, lastModified, metadata }: StoredVersion): Answer {
  return {
    ETag: `"${eTag}"`,
    ContentLength: bytes?.length ?? 0,
    LastModified: lastModified,
    Metadata: metadata,
    ...(versionId === 'null' ? {} : { VersionId: versionId }),
  };
}

function failure(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });
}
