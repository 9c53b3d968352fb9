import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openRecordStore, type RecordStore } from '../../functions/records/store.ts';
import { localDynamoDb, localSns, localSqs } from '../../local/clients.ts';
import type { FunctionReport } from '../../local/function-log.ts';
import type { Stack } from '../../local/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { startFakeAws } from '../cli/doctor/fake-account.ts';
import { awsVariables, soundAccount } from '../cli/doctor/photos-stack.ts';
import { runCli } from '../cli/run-cli.ts';
import { startPublishedStack } from './published-stack.ts';
import { BUCKET, eventually, labelledTags, samplePicture, tagsOf, upload, userS3 } from './uploads.ts';

const START_TIMEOUT_MS = 60_000;

let folder: string;
let stack: Stack;
let s3: S3Client;
let records: RecordStore;
let closeClients: () => void;
const reports: FunctionReport[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-stack-'));
  stack = await startPublishedStack({
    dataDir: join(folder, 'data'),
    packageDir: await ensureSamplePackage(join(folder, 'models')),
    port: 0,
    onReport: (report) => reports.push(report),
  });
  const { s3: s3Endpoint = '', dynamodb = '' } = stack.health.endpoints;
  s3 = userS3(s3Endpoint);
  const table = localDynamoDb(dynamodb);
  records = openRecordStore(DynamoDBDocumentClient.from(table), stack.health.table);
  closeClients = () => {
    s3.destroy();
    table.destroy();
  };
}, START_TIMEOUT_MS);

afterAll(async () => {
  closeClients?.();
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

function recordOf(key: string) {
  return records.readRecord({ bucket: BUCKET, key });
}

/** Waits for the record to reach that state. */
function recordIn(key: string, state: string) {
  return eventually(
    () => recordOf(key),
    (record) => record?.state === state,
  );
}

test('GET /health returns everything that a client needs', async () => {
  const response = await fetch(`${stack.url}/health`);

  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: 'ok',
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    models: ['sample'],
    auth: null,
    limits: { requestBytes: 4_400_000, uploadBytes: 50_000_000, contentTypes: expect.arrayContaining(['image/jpeg']) },
    endpoints: {
      s3: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      sqs: expect.any(String),
      sns: expect.any(String),
      dynamodb: expect.any(String),
      lambda: expect.stringMatching(/^http:/),
    },
    bucket: 'autoswiftnet-uploads',
    queues: expect.objectContaining({
      'autoswiftnet-uploads': expect.stringMatching(/^http:/),
      'autoswiftnet-uploads-parked': expect.stringMatching(/^http:/),
      'autoswiftnet-heavy': expect.stringMatching(/^http:/),
    }),
    table: 'autoswiftnet',
  });
});

test.each([
  ['of one word', 'daisy.jpg'],
  ['with spaces and plus signs', 'a b+c ++ d.jpg'],
  ['with percent signs', '100%/%2F%zz%.jpg'],
  ['in other scripts', 'ünï/写真/🌼.jpg'],
  ['of 1,024 bytes', `${'é/'.repeat(341)}x`],
  ['that climbs', '../../x'],
  ['with empty parts', '//a//b/'],
  ['with XML and quotes', `<a>&"'\\?#.jpg`],
])('an object with a key %s gets its tags, and the record says the same', async (_name, key) => {
  await upload(s3, key, await samplePicture('daisy-1'));

  const tags = await labelledTags(s3, key, 'daisy');
  const record = await recordIn(key, 'tagged');

  expect(tags).toEqual({
    'autoswiftnet:label': 'daisy',
    'autoswiftnet:confidence': expect.stringMatching(/^[01]\.\d{3}$/),
    'autoswiftnet:model': 'sample',
  });
  expect(record).toMatchObject({ bucket: BUCKET, key, state: 'tagged', format: 'jpeg', model: 'sample' });
  expect(record?.predictions[0]?.label).toBe('daisy');
  expect(record?.predictions[0]?.probability.toFixed(3)).toBe(tags['autoswiftnet:confidence']);
  expect(record?.predictions).toHaveLength(10);
});

test('tags given at upload stay', async () => {
  await upload(s3, 'tagged.jpg', await samplePicture('pizza-1'), { Tagging: 'owner=me&project=a%20b' });

  expect(await labelledTags(s3, 'tagged.jpg', 'pizza')).toMatchObject({
    owner: 'me',
    project: 'a b',
    'autoswiftnet:label': 'pizza',
  });
});

test('a streamed upload arrives intact, and is tagged', async () => {
  const picture = await samplePicture('goldfish-1');
  const chunks = Array.from({ length: Math.ceil(picture.length / 1000) }, (_, n) =>
    picture.subarray(n * 1000, (n + 1) * 1000),
  );

  await upload(s3, 'streamed.jpg', picture, { Body: Readable.from(chunks), ContentLength: picture.length });

  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'streamed.jpg' }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(picture)).toBe(true);
  expect(await labelledTags(s3, 'streamed.jpg', 'goldfish')).toMatchObject({ 'autoswiftnet:label': 'goldfish' });
});

test('a file that is not an image is rejected with its reason, and gets no tags', async () => {
  await upload(s3, 'notes.jpg', Buffer.from('these are notes'));

  const record = await recordIn('notes.jpg', 'rejected');

  expect(record).toMatchObject({ state: 'rejected', reason: { code: 'not-an-image' }, predictions: [] });
  expect(await tagsOf(s3, 'notes.jpg')).toEqual({});
  const told = async () => reports.filter((report) => 'key' in report && report.key === 'notes.jpg');
  expect(await eventually(told, ({ length }) => length > 0)).toEqual([
    { kind: 'rejected', key: 'notes.jpg', reason: record?.reason?.message, ms: expect.any(Number) },
  ]);
});

test('an image that replaces another gets its own tags, and a deleted image loses its record', async () => {
  await upload(s3, 'changing.jpg', await samplePicture('daisy-2'));
  await labelledTags(s3, 'changing.jpg', 'daisy');

  await upload(s3, 'changing.jpg', await samplePicture('banana-1'));
  expect(await labelledTags(s3, 'changing.jpg', 'banana')).toMatchObject({ 'autoswiftnet:label': 'banana' });
  const label = (key: string) => async () => (await recordOf(key))?.predictions[0]?.label;
  expect(await eventually(label('changing.jpg'), (text) => text === 'banana')).toBe('banana');

  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'changing.jpg' }));
  expect(
    await eventually(
      () => recordOf('changing.jpg'),
      (record) => record === null,
    ),
  ).toBeNull();
  const { entry, rows } = await eventually(
    () => records.read({ bucket: BUCKET, key: 'changing.jpg' }),
    (image) => image.rows.length === 0,
  );
  expect(entry).toMatchObject({ deletedAt: expect.any(String) });
  expect(rows).toEqual([]);
});

test('many uploads at once are all tagged', async () => {
  const names = ['daisy-1', 'pizza-1', 'banana-1', 'maze-1', 'lemon-1', 'acorn-1'];
  const keys = Array.from({ length: 30 }, (_, index) => `many/${index}-${names[index % names.length]}`);

  await Promise.all(keys.map(async (key) => upload(s3, key, await samplePicture(key.slice(key.indexOf('-') + 1)))));

  for (const key of keys) {
    const label = key.split('-')[1] ?? '';
    expect([key, await labelledTags(s3, key, label)]).toEqual([
      key,
      expect.objectContaining({ 'autoswiftnet:label': label }),
    ]);
  }
});

test('the result is published, and can be filtered by its label', async () => {
  const { endpoints } = stack.health;
  const [sns, sqs] = [localSns(endpoints.sns ?? ''), localSqs(endpoints.sqs ?? '')];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'listener' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:listener',
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ label: ['volcano'] }) },
    }),
  );

  await upload(s3, 'published.jpg', await samplePicture('volcano-1'));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));

  expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({
    bucket: BUCKET,
    key: 'published.jpg',
    state: 'tagged',
    model: 'sample',
    reason: null,
  });
  sns.destroy();
  sqs.destroy();
});

test('each version has its own tags, and the record follows the newest version', async () => {
  const first = await upload(s3, 'versions.jpg', await samplePicture('daisy-1'));
  const second = await upload(s3, 'versions.jpg', await samplePicture('pizza-1'));

  expect(await labelledTags(s3, 'versions.jpg', 'daisy', first)).toMatchObject({ 'autoswiftnet:label': 'daisy' });
  expect(await labelledTags(s3, 'versions.jpg', 'pizza', second)).toMatchObject({ 'autoswiftnet:label': 'pizza' });
  const versionOf = async () => (await recordOf('versions.jpg'))?.versionId;
  expect(await eventually(versionOf, (version) => version === second)).toBe(second);

  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'versions.jpg' }));
  expect(
    await eventually(
      () => recordOf('versions.jpg'),
      (record) => record === null,
    ),
  ).toBeNull();
});

test('in a bucket with suspended versioning, tags and record follow the last upload', async () => {
  const VersioningConfiguration = { Status: 'Suspended' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));

  await upload(s3, 'unversioned.jpg', await samplePicture('daisy-1'));
  await labelledTags(s3, 'unversioned.jpg', 'daisy');
  await upload(s3, 'unversioned.jpg', await samplePicture('pizza-1'));

  expect(await labelledTags(s3, 'unversioned.jpg', 'pizza')).toMatchObject({ 'autoswiftnet:label': 'pizza' });
  const label = async () => (await recordOf('unversioned.jpg'))?.predictions[0]?.label;
  expect(await eventually(label, (text) => text === 'pizza')).toBe('pizza');
  expect(await recordOf('unversioned.jpg')).toMatchObject({ versionId: 'null', state: 'tagged' });

  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'unversioned.jpg' }));
  const record = () => recordOf('unversioned.jpg');
  expect(await eventually(record, (found) => found === null)).toBeNull();
});

test('export writes the same records of the local stack, and of a stack on AWS', async () => {
  await upload(s3, 'exported.jpg', await samplePicture('pizza-1'));
  await recordIn('exported.jpg', 'tagged');
  const aws = await startFakeAws(soundAccount(stack));
  const variables = awsVariables(stack.health.endpoints, aws.endpoint);

  const [local, deployed] = await Promise.all([
    runCli(['export', '--url', stack.url, '--output', 'local.jsonl'], { cwd: folder }),
    runCli(['export', '--stack', 'Photos', '--output', 'deployed.jsonl'], { cwd: folder, variables }),
  ]);
  aws.close();

  const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n').sort();
  const exported = (await lines('local.jsonl')).map((line) => JSON.parse(line));
  expect([local.code, deployed.code]).toEqual([0, 0]);
  expect(exported).toContainEqual(
    expect.objectContaining({ bucket: BUCKET, key: 'exported.jpg', state: 'tagged', eTag: expect.any(String) }),
  );
  expect(exported.length).toBeGreaterThan(5);
  expect(await lines('deployed.jsonl')).toEqual(await lines('local.jsonl'));
});

test('no error was reported', () => {
  expect(reports.filter(({ kind }) => kind === 'fault' || kind === 'failed')).toEqual([]);
});
