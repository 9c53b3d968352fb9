import type { ObjectName } from '../records/record.ts';

/** An object was written. What the event does not tell is null; without a sequencer it is a backfill's. */
export interface CreatedEvent {
  readonly kind: 'created';
  readonly name: ObjectName;
  readonly versionId: string | null;
  /** Without quotes. */
  readonly eTag: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly sequencer: string | null;
}
