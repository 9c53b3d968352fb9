import type { Variables } from '../environment.ts';
import { createSqsClient } from '../sqs-client.ts';
import { type SendHeavyRequest, sendHeavyRequest } from './heavy-message.ts';

/**
 * Returns the function that sends requests to the heavy queue, or null if there is no heavy queue.
 */
export function openHeavySender(variables: Variables, queueUrl: string | null): SendHeavyRequest | null {
  if (queueUrl === null) return null;
  const client = createSqsClient(variables);
  return (request) => sendHeavyRequest(client, queueUrl, request);
}
