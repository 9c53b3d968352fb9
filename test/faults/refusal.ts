import type { IncomingHttpHeaders } from 'node:http';
import type { Service } from './fault-plan.ts';

/** An answer with which a service refuses a call because it is busy. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/x-amz-json-1.0';

/**
 * Makes the refusal of a busy service, in the form of the protocol that the request uses. The SDK
 * takes each of them for a reason to try again.
 */
export function refusalOf(service: Service, headers: IncomingHttpHeaders): Refusal {
  if (service === 's3') {
    const body =
      '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>';
    return { status: 503, contentType: 'application/xml', body };
  }
  if (service === 'dynamodb') {
    const __type = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    return { status: 400, contentType: JSON_TYPE, body: JSON.stringify({ __type, message: 'Too many requests.' }) };
  }
  if (headers['x-amz-target'] !== undefined) {
    const __type = 'com.amazonaws.sqs#RequestThrottled';
    return { status: 400, contentType: JSON_TYPE, body: JSON.stringify({ __type, message: 'Too many requests.' }) };
  }
  const error = '<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>';
  return { status: 400, contentType: 'text/xml', body: `<ErrorResponse>${error}</ErrorResponse>` };
}
