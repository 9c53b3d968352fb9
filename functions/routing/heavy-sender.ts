import type { Variables } from '../environment.ts';
import { createSqsClient } from '../sqs-client.ts';
import { type SendHeavyRequest, sendHeavyRequest } from './heavy-message.ts';

/**
 * Opens the way to the heavy queue for a function that sends to it; null where there is no heavy
 * queue.
 */
export function openHeavySender(variables: Variables, queueUrl: string | null): SendHeavyRequest | null {
  if (queueUrl === null) return null;
  const client = createSqsClient(variables);
  return (request) => sendHeavyRequest(client, queueUrl, request);
}
