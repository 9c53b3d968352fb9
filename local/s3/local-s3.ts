import type { S3Notification } from './events.ts';

export interface StartS3Options {
  /** The only folder that is ever written to; created when missing. */
  readonly dataDir: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /**
   * Called once for each change in a bucket with notifications, in the order of the changes to a key, after the change is on disk.
   * The client's answer does not wait for it; `close` does. What it throws goes to `onError` and the event is lost:
   * `listObjects` finds the object again.
   */
  readonly onEvent?: (notification: S3Notification) => Promise<void> | void;
  /** Faults of ours: what was answered with a 500, what `onEvent` threw. Default: to standard error. */
  readonly onError?: (error: unknown) => void;
  /** Origins whose pages may read and write (CORS), as `http://127.0.0.1:3000`. Looked up at every request, so it may be filled later. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** Milliseconds since 1970. Default Date.now. */
  readonly clock?: () => number;
}

export interface BucketOptions {
  /** true turns versioning on, false suspends it; left out, it stays as it was (off for a new bucket). */
  readonly versioned?: boolean;
  /** Whether changes are told to `onEvent`. Left out, it stays as it was (no for a new bucket). */
  readonly notifications?: boolean;
}

/** The current version of a key. */
export interface ListedObject {
  readonly key: string;
  /** null for a version written without versioning. */
  readonly versionId: string | null;
  readonly sequencer: string;
  /** Without quotes; empty for a delete marker. */
  readonly eTag: string;
  /** Bytes; 0 for a delete marker. */
  readonly size: number;
  readonly lastModified: Date;
  /** The current version is a delete marker. */
  readonly deleted: boolean;
}

export interface LocalS3 {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Creates the bucket, or sets the given options of an existing one. */
  createBucket(name: string, options?: BucketOptions): Promise<void>;
  /**
   * The current version of every key in key order, delete markers included.
   * @throws S3Error NoSuchBucket
   */
  listObjects(bucket: string): AsyncIterable<ListedObject>;
  /** Takes no more requests, finishes those in progress (2 s at most) and the notifications under way. */
  close(): Promise<void>;
}
