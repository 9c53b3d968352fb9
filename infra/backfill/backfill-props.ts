import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';

export interface BackfillProps {
  /** Whose buckets are tagged: the first one, unless a run names another. */
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
