import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CREDENTIALS, REGION } from './names.ts';

/** Everything that the user's own AWS settings could otherwise decide: this talks to the local services, whatever those say. */
const LOCAL_ONLY = {
  region: REGION,
  credentials: CREDENTIALS,
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
} as const;

/** fauxqs answers at its root only; its queue URLs are names, not addresses. */
export function localSqs(endpoint: string): SQSClient {
  return new SQSClient({ ...LOCAL_ONLY, endpoint, useQueueUrlAsEndpoint: false });
}

export function localSns(endpoint: string): SNSClient {
  return new SNSClient({ ...LOCAL_ONLY, endpoint });
}

export function localDynamoDb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ ...LOCAL_ONLY, endpoint });
}
