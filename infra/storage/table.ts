import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLE_INDEXES, TABLE_SCHEMA } from '../../functions/records/table-schema.ts';
import { dataRemovalPolicy } from '../parts/data-removal.ts';

export interface RecordTableProps {
  /** Whether the table stays when the stack is deleted. */
  readonly keepData: boolean;
  /** Whether DynamoDB refuses to delete the table. */
  readonly protect: boolean;
  /** Null: DynamoDB encrypts with a key of its own. */
  readonly encryptionKey: IKey | null;
}

const ATTRIBUTE_TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

/** The table of records and jobs, as `functions/records/table-schema.ts` declares it. */
export class RecordTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, { keepData, protect, encryptionKey }: RecordTableProps) {
    super(scope, id);
    const { partitionKey, sortKey, timeToLiveAttribute } = TABLE_SCHEMA;
    const table = new Table(this, 'Table', {
      partitionKey: toAttribute(partitionKey),
      sortKey: toAttribute(sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute,
      ...(encryptionKey === null ? {} : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
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
    // Under exactOptionalPropertyTypes, the classes of the CDK do not quite match its interfaces.
    this.table = table as ITable;
  }
}

function toAttribute({ name, type }: { readonly name: string; readonly type: keyof typeof ATTRIBUTE_TYPES }) {
  return { name, type: ATTRIBUTE_TYPES[type] };
}
