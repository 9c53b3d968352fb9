import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { CREDENTIALS, REGION, UPLOADS_BUCKET } from '../../../local/names.ts';
import type { BootedFunction } from './boot-function.ts';
import { type BootedStack, bootStack, tagPictures } from './booted-stack.ts';
import { type DeployedTemplate, deployTemplate } from './deployed-template.ts';
import { missingToBoot } from './requirements.ts';
import { samplePictures } from './sample-pictures.ts';

const START_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 120_000;

const missing = missingToBoot('x64');
const why = missing === null ? '' : `: ${missing}`;

function bootTest(title: string, body: () => Promise<void>): void {
  (missing === null ? test : test.skip)(`${title}${why}`, body, TEST_TIMEOUT_MS);
}

let stack: BootedStack;
let tagUpload: BootedFunction;
let api: BootedFunction;
let backfill: BootedFunction;

beforeAll(async () => {
  if (missing !== null) return;
  stack = await bootStack('x64');
  tagUpload = await stack.start('tag-upload', 'Tagging/TagUpload');
  api = await stack.start('api', 'Api/Function');
  backfill = await stack.start('backfill', 'Backfill/Function');
}, START_TIMEOUT_MS);

afterAll(() => stack?.close());

function put(key: string, Body: Uint8Array) {
  return stack.services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: key, Body }));
}

bootTest('an S3 event gives tags and a record, from the artefacts alone', async () => {
  const [picture] = samplePictures();
  await put('folder/acorn + 1.jpg', picture?.bytes ?? Buffer.of());

  const answer = await tagUpload.invoke(stack.services.takeEvent());

  expect(answer).toEqual({ batchItemFailures: [] });
  const key = 'folder/acorn + 1.jpg';
  const { TagSet } = await stack.services.s3.send(new GetObjectTaggingCommand({ Bucket: UPLOADS_BUCKET, Key: key }));
  expect(TagSet).toEqual(
    expect.arrayContaining([
      { Key: 'autoswiftnet:label', Value: 'acorn' },
      { Key: 'autoswiftnet:model', Value: 'sample' },
    ]),
  );
  const record = await stack.services.records.readRecord({ bucket: UPLOADS_BUCKET, key });
  expect(record).toMatchObject({ state: 'tagged', model: 'sample' });
});

bootTest("all 64 sample pictures get PyTorch's answer", async () => {
  const pictures = samplePictures();

  const answers = await tagPictures(stack, tagUpload, pictures);

  expect(answers).toEqual(pictures.map(({ top1 }) => top1));
  expect(answers).toHaveLength(64);
});

bootTest('onnxruntime-node, which tells Microsoft of each model by default, tells nobody', async () => {
  // If it starts its telemetry, it complains that this machine has no certificates.
  expect(tagUpload.printed()).not.toMatch(/telemetry/i);
  expect(tagUpload.printed()).toContain('image tagged');
});

bootTest('an API event with a picture gives predictions', async () => {
  const picture = samplePictures().find(({ file }) => file === 'daisy-1.jpg');

  const answer = await request('POST', '/classify?top=2', { body: picture?.bytes });

  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ predictions: [{ rank: 1, label: 'daisy' }, { rank: 2 }] });
});

bootTest('the API has the contract beside its code', async () => {
  const answer = await request('GET', '/openapi.yaml');

  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('openapi: 3.1.0');
});

bootTest('a call of the state machine tags what is in the bucket, from the artefacts alone', async () => {
  const key = 'before.jpg';
  await put(key, samplePictures()[0]?.bytes ?? Buffer.of());
  stack.services.takeEvent();
  const run = readRunRequest({}, 'run', 1);

  const answer = await backfill.invoke({
    action: 'tag',
    run,
    batch: 'batch',
    call: 0,
    isRepeated: false,
    items: [{ key }],
  });

  expect(answer).toMatchObject({ counts: { tagged: 1, failed: 0 }, unfinished: [] });
});

describe('the template, deployed on the local services', () => {
  let deployed: DeployedTemplate;

  beforeAll(async () => {
    if (missing !== null) return;
    // As of a person who has AWS credentials.
    const { accessKeyId, secretAccessKey } = CREDENTIALS;
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    deployed = await deployTemplate(stack);
  }, START_TIMEOUT_MS);

  afterAll(() => deployed?.close());

  bootTest('passes the doctor', async () => {
    const lines = await deployed.examine();

    expect(lines.filter(({ state }) => state !== 'sound')).toEqual([expect.objectContaining({ check: 'heavy-model' })]);
    expect(lines.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['bucket-events', 'work-queues', 'record', 'tags', 'search', 'classify', 'result']),
    );
  });

  bootTest('tells everyone whether the API answers, and nothing else without credentials', async () => {
    const statusOf = async (path: string) => (await fetch(new URL(path, deployed.local.url))).status;

    expect(await statusOf('health')).toBe(200);
    expect(await statusOf('images')).toBe(403);
  });

  bootTest('has a schedule whose function can ask the heavy queue', async () => {
    // A function that throws would make this reject.
    expect(await deployed.local.runSchedules('Heavy/Waking')).toHaveLength(1);
  });
});

interface RequestOptions {
  readonly body?: Uint8Array | string | undefined;
  readonly type?: string;
}

function request(method: string, url: string, { body = '', type = 'image/jpeg' }: RequestOptions = {}) {
  const rawHeaders = ['Host', 'api.example', 'Content-Type', type];
  const event = toHttpEvent(
    { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
    Buffer.from(body),
    new Date(),
  );
  return api.invoke(event) as Promise<{ statusCode: number; body: string }>;
}
