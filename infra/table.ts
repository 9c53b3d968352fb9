import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { TABLE_SCHEMA } from '../functions/records/table-schema.ts';

export interface RecordTableProps {
  /** Whether the table stays when the stack is deleted. */
  readonly keepData: boolean;
  /** Whether DynamoDB refuses to delete the table. */
  readonly protect: boolean;
}

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

/** The table of records and jobs, as `functions/records/table-schema.ts` declares it. */
export class RecordTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { keepData, protect }: RecordTableProps) {
    super(scope, id);
    const { partitionKey, sortKey, index, timeToLiveAttribute } = TABLE_SCHEMA;
    this.table = new Table(this, 'Table', {
      partitionKey: toAttribute(partitionKey),
      sortKey: toAttribute(sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute,
      deletionProtection: protect,
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: toAttribute(index.partitionKey),
      sortKey: toAttribute(index.sortKey),
      projectionType: ProjectionType[index.projection],
    });
  }
}

function toAttribute({ name, type }: { readonly name: string; readonly type: keyof typeof ATTRIBUTE_TYPES }) {
  return { name, type: ATTRIBUTE_TYPES[type] };
}
