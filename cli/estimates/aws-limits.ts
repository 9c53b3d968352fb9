import { BUCKET_SHARDS } from '../../functions/records/bucket-shards.ts';

/**
 * What AWS gives in us-east-1 unless it is asked for more. docs/scale.md names the source of each.
 * Rates are for a second.
 */
export const AWS_LIMITS = {
  lambdaConcurrency: 1_000,
  sqsInFlight: 120_000,
  s3GetsPerPrefix: 5_500,
  s3WritesPerPrefix: 3_500,
  tableWriteUnits: 40_000,
  newTableWriteUnits: 4_000,
  partitionWriteUnits: 1_000,
  snsPublishes: 30_000,
} as const;

/**
 * Images of a bucket that can be recorded in a second: each is written to one of the partitions of
 * the index by time, which takes one unit.
 */
export const MOST_RECORDED_PER_SECOND = BUCKET_SHARDS * AWS_LIMITS.partitionWriteUnits;
