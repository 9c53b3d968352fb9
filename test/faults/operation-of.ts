import type { IncomingMessage } from 'node:http';

/** Operations of S3 that the SDK does not name in the URL (`x-id`), by method and sub-resource. */
const S3_OPERATIONS: Readonly<Record<string, string>> = {
  'GET ?tagging': 'GetObjectTagging',
  'PUT ?tagging': 'PutObjectTagging',
  HEAD: 'HeadObject',
  'GET ?list-type': 'ListObjectsV2',
};

/**
 * Returns the operation of a request to S3, SQS, SNS or DynamoDB, as the AWS SDK names it, with
 * `+version` added for one version of an object.
 */
export function operationOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  const { searchParams } = new URL(url, 'http://any');
  const action = new URLSearchParams(body.toString('latin1')).get('Action');
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') && action !== null) return action;
  const resource = ['tagging', 'list-type'].find((name) => searchParams.has(name));
  const operation = searchParams.get('x-id') ?? S3_OPERATIONS[resource ? `${method} ?${resource}` : method];
  return `${operation ?? `${method} ${url}`}${searchParams.has('versionId') ? '+version' : ''}`;
}
