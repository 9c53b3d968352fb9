import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { FunctionStartError, InvocationError } from '../../local/errors.ts';
import { type LocalLambda, startLambda } from '../../local/lambda.ts';
import { CREDENTIALS, REGION } from '../../local/names.ts';

const PATH = '/2015-03-31/functions/double/invocations';

let lambda: LocalLambda;
let client: LambdaClient;

beforeAll(async () => {
  lambda = await startLambda();
  lambda.register('double', async (event) => ({ twice: [event, event] }));
  lambda.register('nothing', async () => undefined);
  client = new LambdaClient({ endpoint: lambda.endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await lambda.close();
});

async function invoke(FunctionName: string, Payload = '{"é":1}') {
  const { Payload: answer, ...rest } = await client.send(new InvokeCommand({ FunctionName, Payload }));
  return { answer: JSON.parse(Buffer.from(answer ?? []).toString()), ...rest };
}

test.each(['double', 'double:live', 'arn:aws:lambda:us-east-1:000000000000:function:double:live'])(
  'a function is called by %s, and answers',
  async (name) => {
    expect(await invoke(name)).toMatchObject({
      StatusCode: 200,
      answer: { twice: [{ é: 1 }, { é: 1 }] },
      ExecutedVersion: '$LATEST',
    });
  },
);

test('a function that returns nothing answers null', async () => {
  const answered = await invoke('nothing');

  expect(answered.answer).toBeNull();
  expect(answered).not.toHaveProperty('FunctionError');
});

test.each([
  [new InvocationError('handler-failed', 'it threw TypeError: no'), 'Error'],
  [new InvocationError('function-timeout', 'no answer within 1000 ms'), 'Sandbox.Timedout'],
  [new InvocationError('instance-crashed', 'its process exited'), 'Runtime.ExitError'],
  [new FunctionStartError('it could not be loaded'), 'Runtime.ExitError'],
])('%s is an error of the function, with status 200', async (error, errorType) => {
  lambda.register('broken', () => Promise.reject(error));

  expect(await invoke('broken')).toMatchObject({
    StatusCode: 200,
    FunctionError: 'Unhandled',
    answer: { errorType, errorMessage: error.message },
  });
});

test('a function that does not exist, or an event that is not JSON, is refused as Lambda does', async () => {
  await expect(invoke('unknown')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(invoke('double', '{')).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
});

test('an asynchronous call is refused, not ignored', async () => {
  const command = new InvokeCommand({ FunctionName: 'double', InvocationType: 'Event' });

  await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});

test('an unsigned request, another operation and a foreign page are refused', async () => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/lambda/aws4_request';
  const post = (path: string, headers: Record<string, string>) =>
    fetch(`${lambda.endpoint}${path}`, { method: 'POST', body: '{}', headers }).then(({ status }) => status);

  expect(await post(PATH, { authorization })).toBe(200);
  expect(await post(PATH, {})).toBe(403);
  expect(await post('/2015-03-31/functions/', { authorization })).toBe(404);
  expect(await post('/2015-03-31/functions/%zz/invocations', { authorization })).toBe(404);
  expect(await post(PATH, { authorization, origin: 'https://example.com' })).toBe(403);
});
