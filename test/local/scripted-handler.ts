import { setTimeout as delay } from 'node:timers/promises';
import type { Context, SQSEvent } from 'aws-lambda';

/**
 * A function for the tests of its host. The body of each message says what to do: `fail` reports
 * the message as failed, and `fail-first` only at its first delivery. `throw`, `crash`, `hang`,
 * `nothing` (which returns nothing) and `odd` (which answers with something that is not a batch
 * response) concern the whole batch. It prints what it received as a line of JSON.
 */
export async function handler(event: SQSEvent | { readonly echo: unknown }, context: Context): Promise<unknown> {
  if ('echo' in event)
    return { echo: event.echo, name: context.functionName, left: context.getRemainingTimeInMillis() };
  console.log(JSON.stringify({ pid: process.pid, Records: event.Records }));
  const bodies = event.Records.map(({ body }) => body);
  if (bodies.includes('throw')) throw new TypeError('as told');
  if (bodies.includes('crash')) process.exit(7);
  if (bodies.includes('hang')) await delay(60_000);
  if (bodies.includes('nothing')) return undefined;
  if (bodies.includes('odd')) return { batchItemFailures: [{ itemIdentifier: 'no such message' }] };
  if (bodies.includes('slow')) await delay(300);
  const failed = event.Records.filter(
    ({ body, attributes }) => body === 'fail' || (body === 'fail-first' && attributes.ApproximateReceiveCount === '1'),
  );
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
