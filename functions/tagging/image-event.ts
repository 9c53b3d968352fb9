import type { ObjectName } from '../records/record.ts';

/**
 * An object was written. Fields that the event does not have are null. An event without a sequencer
 * comes from a backfill.
 */
export interface CreatedEvent {
  readonly kind: 'created';
  readonly name: ObjectName;
  readonly versionId: string | null;
  /** Without quotes. */
  readonly eTag: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly sequencer: string | null;
  /** ISO 8601, UTC. When S3 says that it happened. */
  readonly time: string | null;
}

/** An object, or one version of it, is gone: by request or by a lifecycle rule. */
export interface RemovedEvent {
  readonly kind: 'removed' | 'lifecycle-expired';
  readonly name: ObjectName;
  /** The version that is gone, or the delete marker. Null in a bucket without versioning. */
  readonly versionId: string | null;
  /** The object was hidden behind a delete marker; no version went away. */
  readonly marker: boolean;
  readonly sequencer: string | null;
}
