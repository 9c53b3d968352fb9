import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { IndexShard } from './index-shard.ts';
import { type LabelRow, labelRowSchema } from './labels.ts';
import { parseItem } from './parse-item.ts';
import { LEAST_STORED_PROBABILITY } from './record.ts';
import { imagePartition, labelRowSortKey } from './store.ts';
import { TABLE_SCHEMA } from './table-schema.ts';

/**
 * A place in the order of a search's rows: by falling probability, then by shard, then in the
 * index's order.
 */
export interface RowPlace {
  /** 0 to 1. */
  readonly probability: number;
  /** Number of the shard among those that the search reads. */
  readonly shard: number;
  readonly key: string;
  readonly rank: number;
}

export interface LabelShardOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly bucket: string;
  /** The index partition: `<id>#<0..3>`. */
  readonly labelShard: string;
  /** Number of the shard among those that the search reads. */
  readonly shard: number;
  /** Rows of one query. */
  readonly pageSize: number;
  /** 0 to 1. */
  readonly minProbability: number;
  /** Only rows after this place. */
  readonly after: RowPlace | null;
}

/**
 * Opens one of the partitions that hold the rows of a label or concept, the most probable first.
 * @returns null if it has no rows within the bounds
 */
export function openLabelShard(options: LabelShardOptions): IndexShard<LabelRow> | null {
  const { client, tableName, bucket, labelShard, shard, pageSize, after } = options;
  // Nothing is stored between 0 and this.
  const least = options.minProbability > 0 ? Math.max(options.minProbability, LEAST_STORED_PROBABILITY) : 0;
  const most = after === null ? 1 : storable(upperBound(after, shard));
  // The table refuses bounds in the wrong order.
  if (most < least) return null;
  return new IndexShard({
    client,
    shard,
    query: {
      TableName: tableName,
      IndexName: TABLE_SCHEMA.labelIndex.name,
      KeyConditionExpression: 'labelShard = :shard AND probability BETWEEN :least AND :most',
      ExpressionAttributeValues: { ':shard': labelShard, ':least': least, ':most': most },
      Limit: pageSize,
    },
    startKey:
      after?.shard === shard
        ? {
            pk: imagePartition({ bucket, key: after.key }),
            sk: labelRowSortKey(after.rank),
            labelShard,
            probability: storable(after.probability),
          }
        : undefined,
    parse: (item) =>
      parseItem(labelRowSchema, item, `an item of the index ${TABLE_SCHEMA.labelIndex.name}`, 'a label row'),
  });
}

/**
 * Returns the highest probability to read. Rows of equal probability come in the order of their
 * shards, so a lower shard has none left at the place's own probability.
 */
function upperBound({ probability, shard: placeShard }: RowPlace, shard: number): number {
  return shard < placeShard ? nextBelow(probability) : probability;
}

/** Returns the largest number below a positive one, and -1 for anything else. */
function nextBelow(value: number): number {
  if (value <= 0) return -1;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) - 1n);
  return bits.getFloat64(0);
}

/** Rounds a probability to one that the table accepts: it refuses numbers closer to 0. */
function storable(probability: number): number {
  return probability > 0 && probability < LEAST_STORED_PROBABILITY ? 0 : probability;
}
