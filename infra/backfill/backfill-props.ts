import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';

export interface BackfillProps {
  /** Whose bucket is tagged: the first one, not those that `addBucket` adds. */
  readonly service: AutoSwiftNet;
  /**
   * Batches that are tagged at the same time, each by one call of its own function, if the run does
   * not say. The account must allow so many beside `tagConcurrency`.
   * @default 1
   */
  readonly backfillConcurrency?: number | undefined;
  /**
   * Name of the bucket whose S3 Inventories a backfill may read.
   * @default - it reads the listing only
   */
  readonly inventoryBucket?: string | undefined;
}
