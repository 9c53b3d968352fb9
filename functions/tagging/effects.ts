import type { PublishResult } from '../records/results.ts';
import type { RecordStore } from '../records/store.ts';
import type { SendHeavyRequest } from '../routing/heavy-message.ts';
import type { ObjectStore } from './objects.ts';
import type { TagSettings } from './tags.ts';

/** All that events about images act on. */
export interface Effects {
  readonly objects: ObjectStore;
  readonly records: RecordStore;
  readonly publish: PublishResult;
  /** Asks a heavy model. Null: there is none to ask. */
  readonly askHeavy: SendHeavyRequest | null;
  readonly now: () => Date;
  readonly tags: TagSettings;
  /** Labels of at least this probability get a label row, 0 to 1. */
  readonly indexThreshold: number;
}
