import { SQSClient } from '@aws-sdk/client-sqs';
import type { Variables } from './environment.ts';

/**
 * Creates an SQS client with the environment's region, credentials and endpoint. A configured
 * endpoint is used instead of the host in a queue's URL.
 * @param region default: that of the environment
 */
export function createSqsClient(variables: Variables, region?: string): SQSClient {
  const hasEndpoint = Boolean(variables['AWS_ENDPOINT_URL_SQS'] ?? variables['AWS_ENDPOINT_URL']);
  return new SQSClient({ useQueueUrlAsEndpoint: !hasEndpoint, ...(region && { region }) });
}
