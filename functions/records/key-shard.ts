import { createHash } from 'node:crypto';

/**
 * Returns the shard of an index, 0 to `shards` - 1, that holds what belongs to an object's key.
 * @param shards at most 256
 */
export function keyShard(key: string, shards: number): number {
  return createHash('sha256').update(key).digest().readUInt8(0) % shards;
}
