import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { HeavyMessageError } from '../../../functions/routing/errors.ts';
import {
  type HeavyRequest,
  parseHeavyRequest,
  requestOfJob,
  sendHeavyRequest,
} from '../../../functions/routing/heavy-message.ts';
import { type Messaging, startMessaging } from '../../../local/messaging.ts';
import { HEAVY_QUEUE } from '../../../local/names.ts';
import { validJob } from '../records/valid-job.ts';
import { validRequest } from './valid-request.ts';

let messaging: Messaging;

beforeAll(async () => {
  messaging = await startMessaging();
});

afterAll(() => messaging.close());

const { source } = validRequest();

test('the request that is sent is the request that is read, through a real queue', async () => {
  const { sqs, queueUrls } = messaging;
  const QueueUrl = queueUrls[HEAVY_QUEUE] ?? '';
  const requests = [
    validRequest({ source: { ...source, key: 'é/\u0000 "x"+%.jpg', versionId: 'v1' } }),
    validRequest({ jobId: 'a-b_9', explain: true, top: 100, source: { ...source, sequencer: null } }),
  ];

  for (const request of requests) {
    await sendHeavyRequest(sqs, QueueUrl, request);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));

    expect(parseHeavyRequest(Messages?.[0]?.Body ?? '')).toEqual(request);
  }
});

test('characters that a message of SQS cannot have are escaped', async () => {
  const { sqs, queueUrls } = messaging;
  const QueueUrl = queueUrls[HEAVY_QUEUE] ?? '';
  const request = validRequest({ source: { ...source, key: '\ufffe \uffff \u0007 😀 é.jpg' } });
  await sendHeavyRequest(sqs, QueueUrl, request);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  const body = Messages?.[0]?.Body ?? '';

  expect(body).toContain('"\\ufffe \\uffff \\u0007 \\ud83d\\ude00 é.jpg"');
  expect(parseHeavyRequest(body)).toEqual(request);
});

test('the reader accepts the request of a job', () => {
  const job = validJob({ top: 7, explain: true });

  expect(parseHeavyRequest(JSON.stringify(requestOfJob(job)))).toEqual({
    version: 1,
    jobId: job.id,
    source: { ...job.source, sequencer: null },
    model: job.model,
    top: 7,
    explain: true,
  });
});

test('a request that no worker would take is not sent', async () => {
  const { sqs } = messaging;
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'empty' }));
  const request: HeavyRequest = validRequest({ top: 0 });

  await expect(sendHeavyRequest(sqs, QueueUrl, request)).rejects.toThrow(HeavyMessageError);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toEqual([]);
});

test.each<[string, unknown]>([
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['null', null],
  ['a list', []],
  ['an S3 notification', { Records: [] }],
  ['a field too many', { ...validRequest(), priority: 1 }],
  ['a field too few', { ...validRequest(), explain: undefined }],
  ['a version of 0', validRequestWith({ version: 0 })],
  ['no version', { ...validRequest(), version: undefined }],
  ['a job id with a slash', validRequestWith({ jobId: 'a/b' })],
  ['a bucket with a slash', validRequestWith({ source: { ...source, bucket: 'a/b' } })],
  ['a key of 1,025 bytes', validRequestWith({ source: { ...source, key: `${'é'.repeat(512)}x` } })],
  ['an empty key', validRequestWith({ source: { ...source, key: '' } })],
  ['no ETag', validRequestWith({ source: { ...source, eTag: '' } })],
  ['a text that is not a sequencer', validRequestWith({ source: { ...source, sequencer: 'xyz' } })],
  ['a model that is a path', validRequestWith({ model: '../sample' })],
  ['a top of 0', validRequestWith({ top: 0 })],
  ['a top of 101', validRequestWith({ top: 101 })],
])('%s is a named error', (_what, message) => {
  const body = typeof message === 'string' ? message : JSON.stringify(message);

  expect(() => parseHeavyRequest(body)).toThrow(HeavyMessageError);
});

test("a newer version's message says to upgrade", () => {
  expect(() => parseHeavyRequest(JSON.stringify({ version: 2, anything: 1 }))).toThrow('upgrade the worker');
});

test('the bounds themselves are taken', () => {
  for (const request of [
    validRequest({ top: 1 }),
    validRequest({ top: 100 }),
    validRequest({ jobId: 'x'.repeat(64) }),
    validRequest({ source: { ...source, key: 'é'.repeat(512) } }),
  ]) {
    expect(parseHeavyRequest(JSON.stringify(request))).toEqual(request);
  }
});

function validRequestWith(changes: object): object {
  return { ...validRequest(), ...changes };
}
