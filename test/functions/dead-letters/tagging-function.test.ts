import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type LookupFunction, type TcpNetConnectOpts } from 'node:net';
import { json } from 'node:stream/consumers';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSEvent } from 'aws-lambda';
import { openDependencies } from '../../../functions/dead-letters/dependencies.ts';
import { FailedAloneError } from '../../../functions/dead-letters/errors.ts';
import { openTaggingFunction, type RunAlone } from '../../../functions/dead-letters/tagging-function.ts';
import { MAX_RECEIVE_COUNT } from '../../../functions/tag-upload/queue.ts';
import { listen } from '../../../local/listen.ts';
import { sqsRecord } from '../tag-upload/sqs-record.ts';

const ALIAS = 'arn:aws:lambda:us-east-1:000000000000:function:tag-upload:live';
const LETTER = sqsRecord('letter', '{"Records":[]}', 7);

let server: Server;
let runAlone: RunAlone;
let requests: { url: string | undefined; type: unknown; event: SQSEvent }[];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => void take(request, response));
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'anyone',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${await listen(server, 0)}`,
  });
  ({ runAlone } = openDependencies({
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_SERVICE_BUCKET: 'autoswiftnet-service',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
    AUTOSWIFTNET_TAGGING_FUNCTION: ALIAS,
    AUTOSWIFTNET_PARKED_QUEUE_URL: 'http://127.0.0.1:9/parked',
  }));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

beforeEach(() => {
  requests = [];
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const event = (await json(request)) as SQSEvent;
  requests.push({ url: request.url, type: request.headers['x-amz-invocation-type'], event });
  answer(response);
}

function answers(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  answer = (response) => response.writeHead(status, { 'content-length': body.length, ...headers }).end(body);
}

test('the alias gets a batch of this message alone, as a last attempt', async () => {
  answers(200, '{"batchItemFailures":[]}');

  expect(await runAlone(LETTER)).toBeNull();

  expect(requests).toEqual([
    {
      url: `/2015-03-31/functions/${encodeURIComponent(ALIAS)}/invocations`,
      type: 'RequestResponse',
      event: {
        Records: [
          { ...LETTER, attributes: { ...LETTER.attributes, ApproximateReceiveCount: `${MAX_RECEIVE_COUNT + 1}` } },
        ],
      },
    },
  ]);
});

const UNHANDLED = { 'x-amz-function-error': 'Unhandled' };

test.each([
  ['reports the message as failed', '{"batchItemFailures":[{"itemIdentifier":"letter"}]}', {}, 'reported the message'],
  [
    'runs out of memory',
    '{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited with error: signal: killed"}',
    UNHANDLED,
    'Runtime.ExitError: Runtime exited with error: signal: killed',
  ],
  ['takes too long', '{"errorMessage":"Task timed out after 120.00 seconds"}', UNHANDLED, ': Task timed out after 120'],
  ['fails without saying how', '[]', UNHANDLED, 'alone: Unhandled'],
  ['answers something else', '{"statusCode":200}', {}, 'its answer is not'],
  ['answers nothing', '', {}, 'its answer was lost'],
])('a function that %s has failed', async (_how, body, headers, fault) => {
  answers(200, body, headers);

  const failure = await runAlone(LETTER);

  expect(failure).toBeInstanceOf(FailedAloneError);
  expect(failure?.message).toContain(fault);
});

test.each([
  ['Lambda itself fails', () => answers(500, '{"Message":"internal"}', { 'x-amzn-errortype': 'ServiceException' })],
  [
    'the connection breaks',
    () => {
      answer = (response) => response.destroy();
    },
  ],
])('when %s, the function may have run: it is not called again', async (_how, prepare) => {
  prepare();

  expect((await runAlone(LETTER))?.message).toContain('its answer was lost');

  expect(requests).toHaveLength(1);
});

test.each([
  [429, 'TooManyRequestsException'],
  [502, 'EC2ThrottledException'],
  [502, 'KMSInvalidStateException'],
])(
  'when Lambda refuses the call (%d %s), the function has not run, and the refusal is thrown',
  async (status, name) => {
    answers(status, '{"message":"Rate Exceeded."}', { 'x-amzn-errortype': name });

    await expect(runAlone(LETTER)).rejects.toMatchObject({ name });
    expect(requests).toHaveLength(1);
  },
);

/** Gets what Node says, as the SDK passes it on. */
function connectingTo(options: TcpNetConnectOpts): RunAlone {
  const send = () => once(connect(options), 'connect');
  return openTaggingFunction({ send } as unknown as LambdaClient, ALIAS);
}

const TWO_ADDRESSES: LookupFunction = (_host, _options, found) =>
  found(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]);

test.each([
  ['has no address', { host: `${'x'.repeat(64)}.invalid` }, 'ENOTFOUND'],
  ['has an address that nothing listens on', { host: '127.0.0.1' }, 'ECONNREFUSED'],
  ['has several of them', { host: 'lambda.invalid', lookup: TWO_ADDRESSES, autoSelectFamily: true }, 'ECONNREFUSED'],
])('when Lambda %s, the function has not run, and the error is thrown', async (_, options, code) => {
  await expect(connectingTo({ port: 1, ...options })(LETTER)).rejects.toMatchObject({ code });
});
