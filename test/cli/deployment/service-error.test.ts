import { createServer, type Server } from 'node:http';
import { devNull, tmpdir } from 'node:os';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { hasChangedNothing, serviceTrouble } from '../../../cli/deployment/service-error.ts';
import { listen } from '../../../local/listen.ts';
import { runCli } from '../run-cli.ts';

let server: Server;
let endpoint: string;
/** What SQS answers. */
let answer: { readonly status: number; readonly code: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${answer.code}`, message: 'told by SQS' }));
  });
  endpoint = `http://127.0.0.1:${await listen(server, 0)}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** What a call at this address leads to. */
async function troubleAt(address: string) {
  const sqs = new SQSClient({
    ...{ endpoint: address, region: 'eu-west-1', maxAttempts: 1, useQueueUrlAsEndpoint: false },
    credentials: { accessKeyId: 'reader', secretAccessKey: 'secret' },
  });
  const call = sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${address}/0/uploads` }));
  return serviceTrouble(await call.catch((error: unknown) => error), ['sqs:GetQueueAttributes']);
}

test.each([
  [403, 'ExpiredToken'],
  [400, 'ExpiredTokenException'],
  [403, 'InvalidClientTokenId'],
  [400, 'UnrecognizedClientException'],
  [403, 'SignatureDoesNotMatch'],
  [400, 'RequestExpired'],
])('status %i %s: the credentials are at fault, not the permissions', async (status, code) => {
  answer = { status, code };

  expect(await troubleAt(endpoint)).toEqual({
    isDenied: false,
    expected: 'valid AWS credentials',
    found: `${code}: told by SQS`,
    cure: expect.stringMatching(/^Log in again .* clock/),
  });
});

test('a permission that is missing stays one', async () => {
  answer = { status: 403, code: 'AccessDeniedException' };

  expect(await troubleAt(endpoint)).toMatchObject({ isDenied: true, cure: expect.stringMatching(/^Allow the role/) });
});

test.each([
  [{ code: 'ECONNREFUSED', address: '127.0.0.1', port: 9324 }, '127.0.0.1:9324', 'The local stack has stopped.'],
  [{ code: 'ENOTFOUND', hostname: 'sqs.eu-wst-1.amazonaws.com' }, 'sqs.eu-wst-1.amazonaws.com', 'Check the network'],
  [{ code: 'EAI_AGAIN', hostname: 'sqs.eu-west-1.amazonaws.com' }, 'sqs.eu-west-1.amazonaws.com', 'Check the network'],
])('%o, where nobody answers, is named', (told, address, cure) => {
  // As Node makes it, with what the SDK adds.
  const error = Object.assign(new Error('failed'), told, { $metadata: { attempts: 3 } });

  expect(serviceTrouble(error, [])).toEqual({
    isDenied: false,
    expected: 'an answer of the service',
    found: `nothing answers at ${address}: failed`,
    cure: expect.stringContaining(cure),
  });
});

test('the errors of the SDK say where nobody answers', async () => {
  const { code, err } = await runCli(['dead-letters', 'list', '--stack', 'Photos'], {
    cwd: tmpdir(),
    variables: {
      ...{ AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'secret', AWS_MAX_ATTEMPTS: '1' },
      ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
    },
  });

  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('nothing answers at 127.0.0.1:1: ') });
});

test.each([
  [{ $metadata: { httpStatusCode: 403 } }, true],
  [{ $metadata: { httpStatusCode: 404 } }, true],
  [{ $metadata: { httpStatusCode: 500 } }, false],
  [{ $metadata: {}, code: 'ECONNREFUSED' }, true],
  [{ $metadata: {}, code: 'ECONNRESET' }, false],
  [{ code: 'ECONNREFUSED' }, false],
])('%o: whether the call surely did nothing', (told, expected) => {
  expect(hasChangedNothing(Object.assign(new Error('failed'), told))).toBe(expected);
});
