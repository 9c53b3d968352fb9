import type { IncomingHttpHeaders } from 'node:http';
import type { Service } from './fault-plan.ts';

/** An answer with which a service refuses a call, because it is busy or has a fault. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/x-amz-json-1.0';

/** What a service says when it is busy, where its protocol has a code of its own for that. */
const BUSY: Readonly<Record<Service, { readonly status: number; readonly code: string }>> = {
  s3: { status: 503, code: 'SlowDown' },
  dynamodb: { status: 400, code: 'ProvisionedThroughputExceededException' },
  sqs: { status: 400, code: 'RequestThrottled' },
  sns: { status: 400, code: 'Throttling' },
};
const THROTTLED = { status: 429, code: 'TooManyRequestsException' };
const FAILED = { status: 500, code: 'InternalError' };

/**
 * Makes the refusal of a service that is busy (`refuse`, `throttle`) or has a fault (`fail`), in
 * the form of the protocol that the request uses. The SDK takes each of them for a reason to try
 * again.
 */
export function refusalOf(
  fate: 'refuse' | 'throttle' | 'fail',
  service: Service,
  headers: IncomingHttpHeaders,
): Refusal {
  const { status, code } = fate === 'refuse' ? BUSY[service] : fate === 'throttle' ? THROTTLED : FAILED;
  const message = 'Try again later.';
  if (service === 's3') {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    return { status, contentType: 'application/xml', body };
  }
  if (service === 'dynamodb' || headers['x-amz-target'] !== undefined) {
    const __type = `${service === 'dynamodb' ? 'com.amazonaws.dynamodb.v20120810' : 'com.amazonaws.sqs'}#${code}`;
    return { status, contentType: JSON_TYPE, body: JSON.stringify({ __type, message }) };
  }
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, contentType: 'text/xml', body: `<ErrorResponse>${error}</ErrorResponse>` };
}
