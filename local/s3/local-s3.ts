import type { S3Notification } from './events.ts';

export interface StartS3Options {
  /** The only folder that is ever written to. It is created if it is missing. */
  readonly dataDir: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, which means any free port. */
  readonly port?: number;
  /**
   * Called once for each change in a bucket with notifications, after the change is on disk.
   * Changes of one key arrive in their order. The client's answer does not wait for this function;
   * `close` does. An error that it throws goes to `onError`, and the event is lost: `listObjects`
   * finds the object again.
   */
  readonly onEvent?: (notification: S3Notification) => Promise<void> | void;
  /**
   * ARN of the queue to which `onEvent` takes the changes, for clients that ask where they go.
   * Default: that of the local stack's uploads queue.
   */
  readonly eventsQueueArn?: string;
  /**
   * Receives our own faults: whatever was answered with a 500, and whatever `onEvent` threw.
   * Default: prints them to standard error.
   */
  readonly onError?: (error: unknown) => void;
  /**
   * Origins whose pages may read and write (CORS), such as `http://127.0.0.1:3000`. Read at every
   * request, so origins may be added later. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Returns milliseconds since 1970. Default Date.now. */
  readonly clock?: () => number;
}

export interface BucketOptions {
  /**
   * true turns versioning on, false suspends it. If omitted, it does not change (off for a new
   * bucket).
   */
  readonly versioned?: boolean;
  /**
   * Whether `onEvent` receives the changes. If omitted, it does not change (no for a new bucket).
   */
  readonly notifications?: boolean;
}

/** The current version of a key. */
export interface ListedObject {
  readonly key: string;
  /** null for a version that was written without versioning. */
  readonly versionId: string | null;
  readonly sequencer: string;
  /** Without quotes. Empty for a delete marker. */
  readonly eTag: string;
  /** Bytes. 0 for a delete marker. */
  readonly size: number;
  readonly lastModified: Date;
  /** Whether the current version is a delete marker. */
  readonly deleted: boolean;
}

export interface LocalS3 {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /**
   * Creates a bucket, or changes the given options of an existing one. No client can delete it
   * while this endpoint runs.
   */
  createBucket(name: string, options?: BucketOptions): Promise<void>;
  /**
   * Yields the current version of every key in key order, including delete markers.
   * @throws S3Error NoSuchBucket
   */
  listObjects(bucket: string): AsyncIterable<ListedObject>;
  /**
   * Permanently deletes the versions that were replaced or deleted at least this many days ago, as
   * a lifecycle rule of S3 does. It sends no event, because the current versions do not change.
   * @returns the number of deleted versions
   * @throws S3Error NoSuchBucket
   */
  expireVersions(bucket: string, noncurrentDays: number): Promise<number>;
  /**
   * Refuses new requests, and finishes the requests (at most 2 s) and notifications in progress.
   */
  close(): Promise<void>;
}
