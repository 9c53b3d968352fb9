import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type LabelRow, labelRowSchema, labelShards } from './labels.ts';
import { parseItem } from './parse-item.ts';
import { LEAST_STORED_PROBABILITY } from './record.ts';
import { imagePartition, labelRowSortKey } from './store.ts';
import { TABLE_SCHEMA } from './table-schema.ts';

/**
 * A place in the order of a label's rows: by falling probability, then by shard, then in the
 * index's order.
 */
export interface RowPlace {
  /** 0 to 1. */
  readonly probability: number;
  readonly shard: number;
  readonly key: string;
  readonly rank: number;
}

export interface ShardOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly bucket: string;
  readonly label: string;
  readonly shard: number;
  /** Rows of one query. */
  readonly pageSize: number;
  /** 0 to 1. */
  readonly minProbability: number;
  /** Only rows after this place. */
  readonly after: RowPlace | null;
}

type StartKey = Record<string, unknown>;

/** One of the partitions that hold a label's rows, read in their order, a page at a time. */
export class LabelShard {
  readonly shard: number;
  /** Number of rows that were read from the table so far. */
  reads = 0;
  readonly #options: ShardOptions;
  #rows: LabelRow[] = [];
  readonly #maxProbability: number;
  readonly #minProbability: number;
  #startKey: StartKey | undefined;
  #isAtEnd: boolean;

  constructor(options: ShardOptions) {
    const { shard, label, bucket, after, minProbability } = options;
    this.shard = shard;
    this.#options = options;
    // Nothing is stored between 0 and this.
    this.#minProbability = minProbability > 0 ? Math.max(minProbability, LEAST_STORED_PROBABILITY) : 0;
    this.#maxProbability = after === null ? 1 : storable(upperBound(after, shard));
    if (after?.shard === shard) {
      this.#startKey = {
        pk: imagePartition({ bucket, key: after.key }),
        sk: labelRowSortKey(after.rank),
        labelShard: labelShards(label)[shard],
        probability: storable(after.probability),
      };
    }
    // The table refuses bounds in the wrong order.
    this.#isAtEnd = this.#maxProbability < this.#minProbability;
  }

  /**
   * The next row without taking it; undefined at the end, or when `fill` has to be called first.
   */
  get next(): LabelRow | undefined {
    return this.#rows[0];
  }

  /** Whether the table may hold more rows than were read. */
  get hasMore(): boolean {
    return this.#rows.length > 0 || !this.#isAtEnd;
  }

  take(): LabelRow | undefined {
    return this.#rows.shift();
  }

  /** Reads on until there is a next row, or the end. */
  async fill(): Promise<void> {
    while (this.#rows.length === 0 && !this.#isAtEnd) await this.#readPage();
  }

  async #readPage(): Promise<void> {
    const { client, tableName, label, shard, pageSize } = this.#options;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: TABLE_SCHEMA.labelIndex.name,
        KeyConditionExpression: 'labelShard = :shard AND probability BETWEEN :least AND :most',
        ExpressionAttributeValues: {
          ':shard': labelShards(label)[shard],
          ':least': this.#minProbability,
          ':most': this.#maxProbability,
        },
        ScanIndexForward: false,
        Limit: pageSize,
        ...(this.#startKey === undefined ? {} : { ExclusiveStartKey: this.#startKey }),
      }),
    );
    this.reads += Items.length;
    this.#rows.push(...Items.map(parseRow));
    this.#startKey = LastEvaluatedKey;
    this.#isAtEnd = LastEvaluatedKey === undefined;
  }
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

function parseRow(item: unknown): LabelRow {
  return parseItem(labelRowSchema, item, `an item of the index ${TABLE_SCHEMA.labelIndex.name}`, 'a label row');
}
