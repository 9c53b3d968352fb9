import { Stack } from 'aws-cdk-lib';
import { CfnTable, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { TABLE_INDEXES, TABLE_SCHEMA } from '../../functions/records/table-schema.ts';

/** A key of the table or of an index. */
interface Key {
  readonly name: string;
  readonly type: string;
}

/** The part of a table's properties that matters here. */
interface Shape {
  readonly attributes: readonly { readonly attributeName: string; readonly attributeType: string }[];
  readonly keys: readonly { readonly attributeName: string }[];
  readonly indexes?: readonly {
    readonly indexName: string;
    readonly keySchema: Shape['keys'];
    readonly projection: { readonly projectionType?: string };
  }[];
}

/**
 * Lists what a table lacks for the records. Of an imported table the app knows the name only, so there
 * is nothing to find. To be called once the app is complete, because indexes may be added late.
 */
export function tableFaults(table: ITable): string[] {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnTable)) return [];
  const shape: Shape = Stack.of(resource).resolve({
    attributes: resource.attributeDefinitions,
    keys: resource.keySchema,
    indexes: resource.globalSecondaryIndexes,
  });
  const keys = fault(shownKeys(TABLE_SCHEMA), foundKeys(shape.keys, shape));
  const indexes = TABLE_INDEXES.map((index) => {
    const found = shape.indexes?.find(({ indexName }) => indexName === index.name);
    const expected = `the index ${index.name} with the keys ${shownKeys(index)} and the projection ${index.projection}`;
    if (found === undefined) return `${expected}. Add it by addGlobalSecondaryIndex.`;
    const { keySchema, projection } = found;
    return fault(
      expected,
      `the index ${index.name} with the keys ${foundKeys(keySchema, shape)} and the projection ${projection.projectionType}`,
    );
  });
  const wrong = [keys === null ? null : `the keys ${keys}`, ...indexes].filter((text) => text !== null);
  return wrong.map((text) => `the table ${table.node.path} for the records needs ${text}`);
}

function fault(expected: string, found: string): string | null {
  return expected === found ? null : `${expected}, but it has ${found}.`;
}

function shownKeys({ partitionKey, sortKey }: { readonly partitionKey: Key; readonly sortKey: Key }): string {
  return [partitionKey, sortKey].map(({ name, type }) => `${name} (${type})`).join(', ');
}

function foundKeys(keys: Shape['keys'], { attributes }: Shape): string {
  const typeOf = (name: string) => attributes.find(({ attributeName }) => attributeName === name)?.attributeType;
  return keys.map(({ attributeName }) => `${attributeName} (${typeOf(attributeName)})`).join(', ');
}
