import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';

export interface IndexShardOptions<Row> {
  readonly client: DynamoDBDocumentClient;
  /** Number of the shard among those that are read together. */
  readonly shard: number;
  /** Selects the partition and the rows. `Limit` is the number of rows of one query. */
  readonly query: Omit<QueryCommandInput, 'ExclusiveStartKey' | 'ScanIndexForward'>;
  /** Key of the row after which reading starts. Default: the first row. */
  readonly startKey?: Readonly<Record<string, unknown>> | undefined;
  readonly parse: (item: unknown) => Row;
}

/** One of the partitions that an index is spread over, read from its end, a page at a time. */
export class IndexShard<Row> {
  readonly shard: number;
  /** Number of rows that were read from the table so far. */
  reads = 0;
  readonly #options: IndexShardOptions<Row>;
  #rows: Row[] = [];
  #startKey: Readonly<Record<string, unknown>> | undefined;
  #isAtEnd = false;

  constructor(options: IndexShardOptions<Row>) {
    this.shard = options.shard;
    this.#options = options;
    this.#startKey = options.startKey;
  }

  /**
   * The next row without taking it; undefined at the end, or when `fill` has to be called first.
   */
  get next(): Row | undefined {
    return this.#rows[0];
  }

  /** Whether the table may hold more rows than were taken. */
  get hasMore(): boolean {
    return this.#rows.length > 0 || !this.#isAtEnd;
  }

  take(): Row | undefined {
    return this.#rows.shift();
  }

  /** Reads on until there is a next row, or the end. */
  async fill(): Promise<void> {
    while (this.#rows.length === 0 && !this.#isAtEnd) await this.#readPage();
  }

  async #readPage(): Promise<void> {
    const { client, query, parse } = this.#options;
    const start = this.#startKey === undefined ? {} : { ExclusiveStartKey: { ...this.#startKey } };
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({ ...query, ScanIndexForward: false, ...start }),
    );
    this.reads += Items.length;
    this.#rows.push(...Items.map(parse));
    this.#startKey = LastEvaluatedKey;
    this.#isAtEnd = LastEvaluatedKey === undefined;
  }
}

/**
 * Takes the next rows in the order of all shards; fewer at the end. Of rows that are equal in that
 * order, the one of the lower shard comes first.
 * @param shards in the order of their numbers
 * @param isBefore whether the first row must come before the second
 */
export async function takeRows<Row>(
  shards: readonly IndexShard<Row>[],
  count: number,
  isBefore: (a: Row, b: Row) => boolean,
): Promise<{ readonly row: Row; readonly shard: number }[]> {
  const taken: { row: Row; shard: number }[] = [];
  while (taken.length < count) {
    await Promise.all(shards.map((shard) => shard.fill()));
    let first: IndexShard<Row> | undefined;
    for (const shard of shards) {
      if (shard.next !== undefined && (first?.next === undefined || isBefore(shard.next, first.next))) first = shard;
    }
    const row = first?.take();
    if (first === undefined || row === undefined) break;
    taken.push({ row, shard: first.shard });
  }
  return taken;
}
