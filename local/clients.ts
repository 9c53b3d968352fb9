import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CREDENTIALS, REGION } from './names.ts';

/**
 * Settings that the user's own AWS configuration could otherwise change. These clients talk to the
 * local services only.
 */
const LOCAL_ONLY = {
  region: REGION,
  credentials: CREDENTIALS,
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
} as const;

/**
 * Creates a client for fauxqs. It answers only at its root, so the client must not use queue URLs
 * as addresses.
 */
export function localSqs(endpoint: string): SQSClient {
  return new SQSClient({ ...LOCAL_ONLY, endpoint, useQueueUrlAsEndpoint: false });
}

export function localSns(endpoint: string): SNSClient {
  return new SNSClient({ ...LOCAL_ONLY, endpoint });
}

export function localDynamoDb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ ...LOCAL_ONLY, endpoint });
}
