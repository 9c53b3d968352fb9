import { keyShard } from './key-shard.ts';

/** Most rows of an image. */
export const LABEL_ROWS = 5;

/** A popular label is spread over this many partitions of the index. */
export const LABEL_SHARDS = 4;

/**
 * DynamoDB's limit of a partition key. A longer label cannot be searched for; the record keeps it.
 */
const MAX_SHARD_BYTES = 2048;

/** The index partitions that hold the images of a label or concept: `<id>#<0..3>`. */
export function labelShards(id: string): string[] {
  return Array.from({ length: LABEL_SHARDS }, (_, shard) => `${id}#${shard}`);
}

/** The partition of one image. It depends on the key alone. */
export function labelShardOf(id: string, key: string): string {
  return `${id}#${keyShard(key, LABEL_SHARDS)}`;
}

/** Whether an id can have rows, and so can be searched for. */
export function isIndexKey(id: string): boolean {
  return labelShards(id).every((shard) => Buffer.byteLength(shard) <= MAX_SHARD_BYTES);
}
