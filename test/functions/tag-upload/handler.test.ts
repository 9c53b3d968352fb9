import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Context, SQSEvent } from 'aws-lambda';
import type sharpType from 'sharp';
import { MAX_TASKS_AT_ONCE } from '../../../functions/side-by-side/runner.ts';
import { listen } from '../../../local/listen.ts';
import { sqsRecord } from './sqs-record.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'tag-upload',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tag-upload',
  memoryLimitInMB: '1769',
  awsRequestId: '00000000-0000-0000-0000-000000000000',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** The most queries that were under way at the same time. */
let mostQueries = 0;
let services: Server;

beforeAll(async () => {
  services = startSlowServices();
  const endpoint = `http://127.0.0.1:${await listen(services, 0)}`;
  Object.assign(process.env, {
    AUTOSWIFTNET_MODELS: '/nonexistent',
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_SERVICE_BUCKET: 'autoswiftnet-service',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'anyone',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_ENDPOINT_URL: endpoint,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
});

/**
 * The handler makes its process one that only decodes; the test files that come after this one in
 * the same process draw.
 */
afterAll(async () => {
  sharp.unblock({ operation: ['VipsForeignLoad'] });
  services.closeAllConnections();
  services.close();
  await once(services, 'close');
});

/**
 * A table that answers a query, with an error, only when as many are under way as the function may
 * have; and a bucket without objects.
 */
function startSlowServices(): Server {
  const waiting: (() => void)[] = [];
  return createServer((request, response) => {
    const refuse = (status: number, body: string) =>
      response.writeHead(status, { 'content-length': body.length }).end(body);
    request.resume();
    if (request.headers['x-amz-target'] === undefined) return void refuse(404, '<Error><Code>NoSuchKey</Code></Error>');
    waiting.push(() => refuse(400, '{"__type":"ValidationException","message":"no"}'));
    mostQueries = Math.max(mostQueries, waiting.length);
    if (waiting.length < MAX_TASKS_AT_ONCE) return;
    for (const answer of waiting.splice(0)) answer();
  });
}

test('a model that cannot be opened does not keep the function from starting, and each message has its own fate', async () => {
  const { handler } = await import('../../../functions/tag-upload/handler.ts');
  const event: SQSEvent = {
    Records: [
      sqsRecord('garbage', 'hello'),
      sqsRecord('trial', '{"Service":"Amazon S3","Event":"s3:TestEvent"}'),
      sqsRecord('other', '{"Records":[{"eventName":"ObjectTagging:Put"}]}'),
    ],
  };

  expect(await handler(event, CONTEXT)).toEqual({ batchItemFailures: [{ itemIdentifier: 'garbage' }] });
  expect(await handler({ Records: event.Records.slice(0, 1) }, CONTEXT)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'garbage' }],
  });
});

test('the function loads pictures of the six formats and nothing else', async () => {
  await import('../../../functions/tag-upload/handler.ts');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');

  await expect(sharp(svg).png().toBuffer()).rejects.toThrow('unsupported image format');
});

test('the messages of a batch are under way together, and fail one by one', async () => {
  const { handler } = await import('../../../functions/tag-upload/handler.ts');
  const s3 = { bucket: { name: 'pictures' }, object: { key: 'a.jpg', size: 3, sequencer: '01', eTag: 'e' } };
  const upload = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3 }] });
  const ids = Array.from({ length: 2 * MAX_TASKS_AT_ONCE }, (_, index) => `upload ${index}`);
  const Records = [...ids.map((id) => sqsRecord(id, upload)), sqsRecord('other', '{"Records":[]}')];

  const answer = await handler({ Records }, CONTEXT);

  expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(ids.toSorted());
  expect(mostQueries).toBe(MAX_TASKS_AT_ONCE);
});
