import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
// It comes with lib-dynamodb. Declared as a package of tests, it would make `npm sbom` leave out
// its peer, client-dynamodb.
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { TABLE_INDEXES } from '../../../functions/records/table-schema.ts';
import { meets, type Values } from './table-condition.ts';

interface Conditional {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Values;
}

interface KeyInput extends Conditional {
  readonly Key: Values;
}

interface QueryInput extends Conditional {
  readonly IndexName?: string;
  readonly KeyConditionExpression: string;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Values;
}

/** The table in memory, as far as the functions call it. Each call happens in one moment. */
export class MemoryTable {
  /** By partition key, then by sort key. */
  readonly #items = new Map<string, Map<string, Values>>();

  all(): Values[] {
    return [...this.#items.values()].flatMap((partition) => [...partition.values()]);
  }

  /** @param isPlain whether values are plain, as DynamoDBDocumentClient takes them */
  call(operation: string, input: object, isPlain: boolean): Record<string, unknown> {
    const plain = (isPlain ? input : toPlain(input)) as Record<string, unknown>;
    switch (operation) {
      case 'GetItem': {
        const item = this.#find((plain as unknown as KeyInput).Key);
        return item === undefined ? {} : { Item: isPlain ? structuredClone(item) : marshall(item) };
      }
      case 'PutItem':
        return this.#put(plain as unknown as Conditional & { Item: Values });
      case 'DeleteItem':
        return this.#delete(plain as unknown as KeyInput);
      case 'UpdateItem':
        return this.#update(plain as unknown as KeyInput & { UpdateExpression: string });
      case 'Query':
        return this.#query(plain as unknown as QueryInput);
      case 'BatchGetItem':
        return this.#batchGet(plain as unknown as { RequestItems: Record<string, { Keys: Values[] }> });
      default:
        throw new TypeError(`the simulated table has no ${operation}`);
    }
  }

  #put(input: Conditional & { Item: Values }) {
    this.#check(input, this.#find(input.Item));
    this.#write(input.Item);
    return {};
  }

  #delete(input: KeyInput) {
    this.#check(input, this.#find(input.Key));
    this.#items.get(String(input.Key['pk']))?.delete(String(input.Key['sk']));
    return {};
  }

  /** Only `SET a = :b, …`. */
  #update({
    Key,
    UpdateExpression,
    ExpressionAttributeNames = {},
    ExpressionAttributeValues = {},
  }: KeyInput & { UpdateExpression: string }) {
    const sets = UpdateExpression.replace(/^SET /, '').split(', ');
    const changes = sets.map((set) => {
      const [name = '', value = ''] = set.split(' = ');
      return [ExpressionAttributeNames[name] ?? name, ExpressionAttributeValues[value]] as const;
    });
    this.#write({ ...Key, ...this.#find(Key), ...Object.fromEntries(changes) });
    return {};
  }

  #query(input: QueryInput) {
    const { IndexName, KeyConditionExpression, ScanIndexForward = true, Limit = Number.POSITIVE_INFINITY } = input;
    const index = TABLE_INDEXES.find(({ name }) => name === IndexName);
    const sort = index?.sortKey.name ?? 'sk';
    const partition = this.#items.get(String(input.ExpressionAttributeValues?.[':pk']));
    const candidates = index === undefined ? [...(partition?.values() ?? [])] : this.all();
    const order = (a: Values, b: Values) => {
      const sign = compare(a[sort], b[sort]) || compare(`${a['pk']} ${a['sk']}`, `${b['pk']} ${b['sk']}`);
      return ScanIndexForward ? sign : -sign;
    };
    const names = input.ExpressionAttributeNames ?? {};
    const values = input.ExpressionAttributeValues ?? {};
    const start = input.ExclusiveStartKey;
    const found = candidates
      .filter((item) => meets(KeyConditionExpression, item, names, values))
      .filter((item) => start === undefined || order(item, start) > 0)
      .sort(order);
    const page = found.slice(0, Limit);
    const last = page.at(-1);
    // Where the limit ends a page there may be no further item.
    const isCut = page.length === Limit && last !== undefined;
    const keys = ['pk', 'sk', ...(index === undefined ? [] : [index.partitionKey.name, sort])];
    return {
      Items: structuredClone(page),
      ...(isCut ? { LastEvaluatedKey: Object.fromEntries(keys.map((key) => [key, last[key]])) } : {}),
    };
  }

  #batchGet({ RequestItems }: { RequestItems: Record<string, { Keys: Values[] }> }) {
    const Responses = Object.entries(RequestItems).map(([name, { Keys }]) => [
      name,
      Keys.flatMap((key) => structuredClone(this.#find(key)) ?? []),
    ]);
    return { Responses: Object.fromEntries(Responses), UnprocessedKeys: {} };
  }

  #check(
    { ConditionExpression, ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Conditional,
    stored: Values | undefined,
  ) {
    if (ConditionExpression === undefined) return;
    if (meets(ConditionExpression, stored ?? {}, ExpressionAttributeNames, ExpressionAttributeValues)) return;
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: { httpStatusCode: 400 },
      ...(stored === undefined ? {} : { Item: marshall(stored, { removeUndefinedValues: true }) }),
    });
  }

  #find(key: Values): Values | undefined {
    return this.#items.get(String(key['pk']))?.get(String(key['sk']));
  }

  #write(item: Values): void {
    const pk = String(item['pk']);
    const partition = this.#items.get(pk) ?? new Map<string, Values>();
    this.#items.set(pk, partition.set(String(item['sk']), structuredClone(item)));
  }
}

/** Compares two texts, or two numbers. */
function compare(a: unknown, b: unknown): number {
  const [one, other] = [a as number, b as number];
  return one < other ? -1 : Number(one > other);
}

function toPlain(input: object): object {
  const marshalled = new Set(['Item', 'Key', 'ExpressionAttributeValues']);
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, marshalled.has(name) ? unmarshall(value) : value]),
  );
}
