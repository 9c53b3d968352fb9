import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, queueArn, REGION, topicArn } from '../../../local/names.ts';
import type { LocalS3 } from '../../../local/s3/server.ts';
import type { Create, Created } from './resolver.ts';

/** The services in which resources are created. */
export interface CreationServices {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: Pick<LocalS3, 'createBucket'>;
}

type Properties = Readonly<Record<string, unknown>>;

/** Properties of a queue that are attributes of SQS, too. */
const QUEUE_ATTRIBUTES = ['VisibilityTimeout', 'MessageRetentionPeriod', 'RedrivePolicy'] as const;

/** Properties of a table that are fields of CreateTable, too. */
const TABLE_FIELDS = ['AttributeDefinitions', 'KeySchema', 'BillingMode', 'GlobalSecondaryIndexes'] as const;

/**
 * Creates queues, topics, tables and buckets with the properties of the template. Functions and APIs
 * get names. Other types have no stand-in here.
 */
export function creator({ sqs, sns, dynamodb, s3 }: CreationServices): Create {
  const creators: Readonly<Record<string, (name: string, properties: Properties) => Promise<Created> | Created>> = {
    async 'AWS::SQS::Queue'(name, properties) {
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: queueAttributes(properties) }),
      );
      return { ref: QueueUrl, attributes: { Arn: queueArn(name), QueueName: name } };
    },
    async 'AWS::SNS::Topic'(name) {
      await sns.send(new CreateTopicCommand({ Name: name }));
      return { ref: topicArn(name), attributes: { TopicArn: topicArn(name), TopicName: name } };
    },
    async 'AWS::DynamoDB::Table'(name, properties) {
      const fields = Object.fromEntries(TABLE_FIELDS.map((field) => [field, properties[field]]));
      await dynamodb.send(new CreateTableCommand({ TableName: name, ...fields } as CreateTableCommandInput));
      return { ref: name, attributes: { Arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}` } };
    },
    async 'AWS::S3::Bucket'(name, { VersioningConfiguration, NotificationConfiguration }) {
      const bucket = name.toLowerCase();
      await s3.createBucket(bucket, {
        versioned: (VersioningConfiguration as { Status?: string } | undefined)?.Status === 'Enabled',
        notifications: NotificationConfiguration !== undefined,
      });
      return { ref: bucket, attributes: { Arn: `arn:aws:s3:::${bucket}` } };
    },
    'AWS::Lambda::Function': (name) => ({ ref: name, attributes: { Arn: functionArn(name) } }),
    'AWS::Lambda::Version': (_, { FunctionName }) => ({
      ref: `${functionArn(String(FunctionName))}:1`,
      attributes: { Version: '1' },
    }),
    'AWS::Lambda::Alias': (_, { FunctionName, Name }) => ({
      ref: `${functionArn(String(FunctionName))}:${Name}`,
      attributes: {},
    }),
    'AWS::ApiGatewayV2::Api': (name) => ({ ref: name.toLowerCase(), attributes: {} }),
    'AWS::ApiGatewayV2::Integration': (name) => ({ ref: name, attributes: {} }),
  };
  return async ({ type, name, properties }) => {
    const create = creators[type];
    if (create === undefined) throw new Error(`${name}: nothing stands in for ${type} here`);
    return create(name, properties);
  };
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

function queueAttributes(properties: Properties): Record<string, string> {
  const given = QUEUE_ATTRIBUTES.filter((name) => properties[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => {
      const value = properties[name];
      return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)];
    }),
  );
}
