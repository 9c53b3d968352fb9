import { createRequire } from 'node:module';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import type sharpType from 'sharp';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

function sqsRecord(messageId: string, body: string): SQSRecord {
  return {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:autoswiftnet-uploads',
    awsRegion: 'us-east-1',
  };
}

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

beforeAll(() => {
  Object.assign(process.env, {
    AUTOSWIFTNET_MODELS: '/nonexistent',
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
    AWS_REGION: 'us-east-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
});

/**
 * The handler makes its process one that only decodes; the test files that come after this one in
 * the same process draw.
 */
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

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
