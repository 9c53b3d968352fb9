import type { PublishResult } from '../records/results.ts';
import type { RecordStore } from '../records/store.ts';
import type { SendHeavyRequest } from '../routing/heavy-message.ts';
import type { ThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import type { ObjectStore } from './objects.ts';
import type { TagSettings } from './tags.ts';

/** Everything that the handling of image events reads or changes. */
export interface Effects {
  readonly objects: ObjectStore;
  readonly records: RecordStore;
  readonly thumbnails: Pick<ThumbnailStore, 'remove'>;
  readonly publish: PublishResult;
  /** Sends a request to a heavy model. Null: there is no heavy model. */
  readonly askHeavy: SendHeavyRequest | null;
  readonly now: () => Date;
  readonly tags: TagSettings;
  /** Labels and search concepts of at least this probability get a row of the index, 0 to 1. */
  readonly indexThreshold: number;
}

/** What it takes to bring label rows, tags and thumbnail in line with the record that stands. */
export type SettleEffects = Omit<Effects, 'publish' | 'askHeavy'>;
