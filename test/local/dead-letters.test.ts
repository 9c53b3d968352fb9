import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openRecordStore } from '../../functions/records/store.ts';
import { MAX_RECEIVE_COUNT } from '../../functions/tag-upload/queue.ts';
import { type Closers, closeAll } from '../../local/closers.ts';
import { startDeadLetters } from '../../local/dead-letters.ts';
import { startEventSource } from '../../local/event-source.ts';
import { functionEnvironment } from '../../local/function-environment.ts';
import { startFunctionInstance } from '../../local/function-host.ts';
import {
  queueArn,
  TABLE,
  UPLOADS_BUCKET,
  UPLOADS_DEAD_LETTERS,
  UPLOADS_PARKED,
  UPLOADS_QUEUE,
} from '../../local/names.ts';
import { type Services, startServices, uploadsQueueUrl } from '../../local/services.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { samplePicture, upload, userS3 } from '../integration/uploads.ts';

const TEST_TIMEOUT_MS = 120_000;
const INNOCENT = ['one.jpg', 'two.jpg'];
const BOMB = 'bomb.jpg';

const closers: Closers = [];
/** Ids of the messages in each batch that the tagging function got. */
const batches: string[][] = [];
let services: Services;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-dead-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);
  const packageDir = await ensureSamplePackage(join(dataDir, 'models'));
  const { messaging, endpoints } = services;
  const { resultsTopicArn } = messaging;
  const options = { variables: process.env, packageDir, endpoints, resultsTopicArn, heavy: null };
  const environment = functionEnvironment(options);
  const tagger = startFunctionInstance({
    name: 'tagger',
    handler: new URL('./crashing-tagger.ts', import.meta.url),
    environment,
    timeoutMs: TEST_TIMEOUT_MS,
    onLine(line) {
      if (line.startsWith('{"ran"')) batches.push(JSON.parse(line).ran);
    },
  });
  closers.push(() => tagger.close(0));
  await startDeadLetters(
    { messaging, tagging: [tagger], environment, onReport: () => {}, retryDelaySeconds: 0 },
    closers,
  );
  await fillQueue();
  const source = startEventSource({
    sqs: messaging.sqs,
    queueUrl: uploadsQueueUrl(messaging),
    queueArn: queueArn(UPLOADS_QUEUE),
    instances: [tagger],
    batchSize: 10,
    retryDelaySeconds: 0,
    onError: () => {},
  });
  closers.push(() => source.stop());
}, TEST_TIMEOUT_MS);

afterAll(() => closeAll(closers));

/** Uploads the pictures, and sends what is no event. All of it is one batch. */
async function fillQueue(): Promise<void> {
  const s3 = userS3(services.endpoints.s3);
  const picture = await samplePicture('daisy-1');
  for (const key of [...INNOCENT, BOMB]) await upload(s3, key, picture);
  s3.destroy();
  const { messaging } = services;
  await messaging.sqs.send(new SendMessageCommand({ QueueUrl: uploadsQueueUrl(messaging), MessageBody: 'hello' }));
}

async function counts(): Promise<number[]> {
  const names = [UPLOADS_QUEUE, UPLOADS_DEAD_LETTERS, UPLOADS_PARKED];
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const answers = names.map(async (name) => {
    const QueueUrl = services.messaging.queueUrls[name];
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await services.messaging.sqs.send(command);
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  });
  return Promise.all(answers);
}

async function parked(): Promise<Message[]> {
  const { Messages = [] } = await services.messaging.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: services.messaging.queueUrls[UPLOADS_PARKED],
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages;
}

test(
  'of a batch that dies with one picture, the others are tagged, and no message runs more than six times',
  async () => {
    const deadline = Date.now() + TEST_TIMEOUT_MS;
    while ((await counts()).join() !== '0,0,2' && Date.now() < deadline) await delay(50);

    const records = openRecordStore(DynamoDBDocumentClient.from(services.dynamodb.client), TABLE);
    const recordOf = (key: string) => records.readRecord({ bucket: UPLOADS_BUCKET, key });
    for (const key of INNOCENT) expect(await recordOf(key)).toMatchObject({ state: 'tagged', reason: null });
    expect(await recordOf(BOMB)).toMatchObject({ state: 'failed', reason: { code: 'function-crashed' } });

    const found = Object.fromEntries(
      (await parked()).map(({ Body = '', MessageAttributes }) => [
        MessageAttributes?.['code']?.StringValue,
        [Body, MessageAttributes?.['reason']?.StringValue],
      ]),
    );
    expect(found).toEqual({
      'failed-alone': [expect.stringContaining(BOMB), expect.stringContaining('Runtime.ExitError')],
      'malformed-event': ['hello', expect.stringContaining('not an S3 notification')],
    });

    const runs = new Map<string, number>();
    for (const id of batches.flat()) runs.set(id, (runs.get(id) ?? 0) + 1);
    // Each of the three uploads: five times in a batch, and once alone. What is no event: five times.
    expect([...runs.values()].sort()).toEqual([5, 6, 6, 6]);
    expect(Math.max(...runs.values())).toBe(MAX_RECEIVE_COUNT + 1);
    expect(batches.filter(({ length }) => length === 1)).toHaveLength(3);
  },
  TEST_TIMEOUT_MS,
);
