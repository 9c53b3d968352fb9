/**
 * A minimal version of Lambda's Node runtime. It loads the handler, asks the Runtime API for events
 * one after the other, and returns the answers.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
const { AWS_LAMBDA_RUNTIME_API: api, AWS_LAMBDA_FUNCTION_NAME: functionName, LAMBDA_TASK_ROOT: root } = process.env;
const BASE = `http://${api}/2018-06-01/runtime`;

const [file, name] = process.env._HANDLER.split('.');
let handler;
try {
  handler = (await import(`${root}/${file}.mjs`))[name];
  if (typeof handler !== 'function') throw new TypeError(`${process.env._HANDLER} is no function`);
} catch (error) {
  await post('/init/error', describe(error));
  process.exit(1);
}

for (;;) {
  const next = await fetch(`${BASE}/invocation/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = {
    awsRequestId: id,
    functionName,
    functionVersion: '$LATEST',
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    await post(`/invocation/${id}/response`, (await handler(await next.json(), context)) ?? null);
  } catch (error) {
    await post(`/invocation/${id}/error`, describe(error));
  }
}

function post(path, body) {
  return fetch(`${BASE}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

function describe(error) {
  return {
    errorType: error?.name,
    errorMessage: error?.message ?? String(error),
    stackTrace: error?.stack?.split('\n'),
  };
}
