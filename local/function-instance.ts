/**
 * The process of one function instance: `function-instance.ts HANDLER_URL`. Like Lambda's runtime,
 * it imports the module that exports `handler` and calls that with one event at a time. It talks
 * only to its parent, and ends when the parent ends.
 */
import type { Context } from 'aws-lambda';
import type { InstanceMessage, Invocation } from './instance-messages.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;

// Ctrl-C and a closed terminal reach every process of the group. The parent decides when the event
// in progress is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

try {
  const { handler }: { handler: Handler } = await import(process.argv[2] ?? '');
  process.on('message', (invocation: Invocation) => void answer(handler, invocation));
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'broken', ...describe(error) }, () => process.exit(1));
}

async function answer(handler: Handler, invocation: Invocation): Promise<void> {
  const { id, event } = invocation;
  try {
    tell({ kind: 'result', id, result: await handler(event, toContext(invocation)) });
  } catch (error) {
    tell({ kind: 'error', id, ...describe(error) });
  }
}

function toContext({ id, functionName, functionArn, deadlineMs }: Invocation): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: '1769',
    awsRequestId: id,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    done() {},
    fail() {},
    succeed() {},
  };
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

function tell(message: InstanceMessage, then = () => {}): void {
  // Without a parent there is nobody to send to; 'disconnect' ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, then);
}
