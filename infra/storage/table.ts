import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { TABLE_INDEXES, TABLE_SCHEMA } from '../../functions/records/table-schema.ts';
import { dataRemovalPolicy } from '../parts/data-removal.ts';

export interface RecordTableProps {
  /** Name of an existing table. @default - a table is created */
  readonly existingName?: string | undefined;
  /** Whether the table stays when the stack is deleted. */
  readonly keepData: boolean;
  /** Whether DynamoDB refuses to delete the table. */
  readonly protect: boolean;
}

/** What the other constructs need of the table, whether it was created here or existed before. */
export type RecordsTable = Pick<ITable, 'tableName' | 'tableArn'>;

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

/**
 * The table of records and jobs, as `functions/records/table-schema.ts` declares it. Nothing of an
 * existing table belongs to the stack.
 */
export class RecordTable extends Construct {
  readonly table: RecordsTable;

  constructor(scope: Construct, id: string, { existingName, ...props }: RecordTableProps) {
    super(scope, id);
    this.table = existingName === undefined ? this.create(props) : Table.fromTableName(this, 'Table', existingName);
  }

  private create({ keepData, protect }: RecordTableProps): Table {
    const { partitionKey, sortKey, timeToLiveAttribute } = TABLE_SCHEMA;
    const table = new Table(this, 'Table', {
      partitionKey: toAttribute(partitionKey),
      sortKey: toAttribute(sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute,
      deletionProtection: protect,
      // DynamoDB refuses to delete a protected table, so CloudFormation must not try it: the rollback
      // of a failed first deployment would fail.
      removalPolicy: protect ? RemovalPolicy.RETAIN : dataRemovalPolicy(keepData),
    });
    for (const index of TABLE_INDEXES) {
      table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: toAttribute(index.partitionKey),
        sortKey: toAttribute(index.sortKey),
        projectionType: ProjectionType[index.projection],
      });
    }
    return table;
  }
}

function toAttribute({ name, type }: { readonly name: string; readonly type: keyof typeof ATTRIBUTE_TYPES }) {
  return { name, type: ATTRIBUTE_TYPES[type] };
}
