/** The images of a bucket are spread over this many partitions of the index by time. */
export const BUCKET_SHARDS = 4;

/** The partitions of the index by time that hold a bucket's images. */
export function bucketShards(bucket: string): string[] {
  return Array.from({ length: BUCKET_SHARDS }, (_, shard) => `${bucket}#${shard}`);
}
