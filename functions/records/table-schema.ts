/**
 * The only table, as plain data. The local stack creates it from this, and the CDK app declares the
 * same.
 * - Images: pk `IMAGE#<bucket>/<key>`, sk `IMAGE` (record or tombstone), `RANK#1` to `RANK#5`
 *   (label rows).
 * - Jobs: pk `JOB#<id>`, sk `JOB`.
 * - Dead letters that were tried alone: pk `DEAD_LETTER#<message id>`, sk `LAST_RUN`.
 */
export const TABLE_SCHEMA = {
  partitionKey: { name: 'pk', type: 'S' },
  sortKey: { name: 'sk', type: 'S' },
  /** Images by label, the most probable last. Sparse: only label rows have these two attributes. */
  labelIndex: {
    name: 'byLabel',
    partitionKey: { name: 'labelShard', type: 'S' },
    sortKey: { name: 'probability', type: 'N' },
    /** Label rows are small, and hold what a search answers with. */
    projection: 'ALL',
  },
  /**
   * Images by the time at which their objects were written, the newest last. Sparse: only records
   * have these two attributes, so a deleted image leaves the index with its record.
   */
  timeIndex: {
    name: 'byLastModified',
    partitionKey: { name: 'bucketShard', type: 'S' },
    sortKey: { name: 'lastModified', type: 'S' },
    /** The record itself is read from the table. A second answer does not write the index. */
    projection: 'KEYS_ONLY',
  },
  /** Epoch seconds, in tombstones, jobs and dead letters. */
  timeToLiveAttribute: 'expiresAt',
} as const;

export const TABLE_INDEXES = [TABLE_SCHEMA.labelIndex, TABLE_SCHEMA.timeIndex] as const;

/** The input of CreateTable; pay per request. */
export function createTableInput(tableName: string) {
  const { partitionKey, sortKey } = TABLE_SCHEMA;
  const attributes = [TABLE_SCHEMA, ...TABLE_INDEXES].flatMap((keyed) => [keyed.partitionKey, keyed.sortKey]);
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(partitionKey.name, sortKey.name),
    GlobalSecondaryIndexes: TABLE_INDEXES.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index.partitionKey.name, index.sortKey.name),
      Projection: { ProjectionType: index.projection },
    })),
  };
}

function keySchema(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}
