import type { IncomingMessage } from 'node:http';

/** What requests to DynamoDB and SQS name their resource by. */
interface JsonRequest {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly QueueUrl?: string;
}

/**
 * Returns what a request to S3, SQS, SNS or DynamoDB is about: `bucket/key` or `bucket`, the name
 * of a queue, the ARN of a topic, `table` or `table/index/name`.
 */
export function resourceOf({ url = '', headers }: IncomingMessage, body: Buffer): string {
  if (headers['x-amz-target'] !== undefined) return resourceOfJson(JSON.parse(body.toString()));
  const topicArn = new URLSearchParams(body.toString('latin1')).get('TopicArn');
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') && topicArn !== null) return topicArn;
  return decodeURIComponent(new URL(url, 'http://any').pathname.slice(1));
}

function resourceOfJson({ TableName, IndexName, RequestItems = {}, QueueUrl = '' }: JsonRequest): string {
  const table = TableName ?? Object.keys(RequestItems)[0];
  if (table === undefined) return QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
  return IndexName === undefined ? table : `${table}/index/${IndexName}`;
}
