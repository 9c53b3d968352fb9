import { setTimeout as delay } from 'node:timers/promises';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { MAX_RECEIVE_COUNT } from '../../functions/tag-upload/queue.ts';
import { type EventSource, startEventSource } from '../../local/event-source.ts';
import { type FunctionInstance, startFunctionInstance } from '../../local/function-host.ts';
import { type Messaging, startMessaging } from '../../local/messaging.ts';
import { queueArn, UPLOADS_QUEUE } from '../../local/names.ts';

const DEAD_LETTERS = `${UPLOADS_QUEUE}-dead-letters`;

let messaging: Messaging;
let instance: FunctionInstance;
let source: EventSource | undefined;
let deliveries: SQSRecord[][];
let errors: unknown[];

beforeAll(async () => {
  instance = startFunctionInstance({
    name: 'scripted',
    handler: new URL('./scripted-handler.ts', import.meta.url),
    environment: { PATH: process.env['PATH'] ?? '' },
    timeoutMs: 1_000,
    onLine: (line) => deliveries.push(JSON.parse(line).Records),
  });
  await instance.ready();
});

afterAll(() => instance.close(0));

beforeEach(async () => {
  messaging = await startMessaging();
  [deliveries, errors] = [[], []];
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  await messaging.close();
});

function startSource(retryDelaySeconds = 0): void {
  source = startEventSource({
    sqs: messaging.sqs,
    queueUrl: queueUrl(UPLOADS_QUEUE),
    queueArn: queueArn(UPLOADS_QUEUE),
    instances: [instance],
    batchSize: 5,
    retryDelaySeconds,
    onError: (error) => errors.push(error),
  });
}

function queueUrl(name: string): string {
  return messaging.queueUrls[name] ?? '';
}

async function send(...bodies: string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  await messaging.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl(UPLOADS_QUEUE), Entries }));
}

/** Counts the messages that are waiting, and those that a receiver has. */
async function countsOf(name: string): Promise<[waiting: number, received: number]> {
  const { Attributes = {} } = await messaging.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] }),
  );
  return [
    Number(Attributes['ApproximateNumberOfMessages']),
    Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
  ];
}

async function until(holds: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${holds}`);
    await delay(20);
  }
}

async function isEmpty(name: string): Promise<boolean> {
  const [waiting, received] = await countsOf(name);
  return waiting + received === 0;
}

test('a message arrives as Lambda hands it over, and is deleted', async () => {
  startSource();

  await messaging.sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl(UPLOADS_QUEUE),
      MessageBody: 'ok',
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'é' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      },
    }),
  );
  await until(() => deliveries.length === 1);
  await until(() => isEmpty(UPLOADS_QUEUE));

  expect(deliveries).toEqual([
    [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'ok',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          text: { stringValue: 'é', stringListValues: [], binaryListValues: [], dataType: 'String' },
          bytes: { binaryValue: 'AP8=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfBody: '444bcb3a3fcf8389296c49467f27e1d6',
        md5OfMessageAttributes: expect.any(String),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:autoswiftnet-uploads',
        awsRegion: 'us-east-1',
      },
    ],
  ]);
  expect(errors).toEqual([]);
});

test('waiting messages are handed over in batches of at most the batch size', async () => {
  await send('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok');

  startSource();
  await until(() => isEmpty(UPLOADS_QUEUE));

  expect(deliveries.map(({ length }) => length)).toEqual([5, 2]);
});

test('only the failed messages of a batch are delivered again, with a higher receive count', async () => {
  await send('ok', 'fail-first', 'ok');

  startSource();
  await until(() => deliveries.length === 2);
  await until(() => isEmpty(UPLOADS_QUEUE));

  const [first, second] = deliveries;
  expect(first?.map(({ body }) => body)).toEqual(['ok', 'fail-first', 'ok']);
  expect(second?.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])).toEqual([
    ['fail-first', '2'],
  ]);
  expect(second?.[0]?.messageId).toBe(first?.[1]?.messageId);
});

test('a failed message stays hidden for the retry delay', async () => {
  await send('fail-first');

  startSource(1);
  await until(() => deliveries.length === 1);
  const failedAt = performance.now();
  await until(() => deliveries.length === 2);

  expect(performance.now() - failedAt).toBeGreaterThan(850);
});

test('a message that always fails ends in the dead-letter queue after the last attempt', async () => {
  startSource();

  await send('fail');
  await until(async () => (await countsOf(DEAD_LETTERS))[0] === 1);

  expect(deliveries.map(([record]) => record?.attributes.ApproximateReceiveCount)).toEqual(
    Array.from({ length: MAX_RECEIVE_COUNT }, (_, index) => String(index + 1)),
  );
  expect(await isEmpty(UPLOADS_QUEUE)).toBe(true);
});

test.each([
  ['a handler that throws', 'throw', 'handler-failed'],
  ['a process that ends', 'crash', 'instance-crashed'],
  ['a function that takes too long', 'hang', 'function-timeout'],
  ['an answer that names a message which was not there', 'odd', 'batch-response'],
])('%s fails the whole batch, which is delivered again', async (_name, body, code) => {
  await send('ok', body);

  startSource(1);
  await until(() => deliveries.length === 2);

  const [first, second] = deliveries;
  expect(second?.map(({ messageId }) => messageId).sort()).toEqual(first?.map(({ messageId }) => messageId).sort());
  expect(errors[0]).toMatchObject({ code });
});

test('while a function works on a message, no other instance receives it', async () => {
  startSource();
  await send('slow');
  await until(() => deliveries.length === 1);

  const { Messages } = await messaging.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(UPLOADS_QUEUE) }));

  expect(Messages).toBeUndefined();
});

test('stopping waits for the batch in progress, deletes it, and receives no more', async () => {
  startSource();
  await send('slow');
  await until(() => deliveries.length === 1);

  await source?.stop();
  await send('ok');
  await delay(200);

  expect(deliveries).toHaveLength(1);
  expect((await countsOf(UPLOADS_QUEUE))[0]).toBe(1);
});
