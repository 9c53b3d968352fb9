import {
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { CREDENTIALS, REGION, UPLOADS_BUCKET } from '../../../local/names.ts';
import { grantsOf } from '../granted-actions.ts';
import { compareCallsWithGrants, FITS } from '../operation-actions.ts';
import type { BootedFunction } from './boot-function.ts';
import { type BootedStack, bootStack, HEAVY_MODEL, HEAVY_PREFIX, tagPictures } from './booted-stack.ts';
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

for (const [name, path] of [
  ['tag-upload', 'Tagging/TagUpload'],
  ['api', 'Api/Function'],
  ['backfill', 'Backfill/Function'],
] as const) {
  bootTest(`the calls of ${name} are what its role allows, no fewer and no more`, async () => {
    await provokeEveryCall();

    const called = stack.services.calls.get(name)?.keys() ?? [];
    expect(compareCallsWithGrants(name, called, grantsOf(stack.app.template, path))).toEqual(FITS);
  });
}

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

/**
 * Makes a function call everything it can: uploads, a replacement and a removal in buckets without
 * and with versions, and every route of the API.
 */
async function provokeEveryCall(): Promise<void> {
  const pictures = samplePictures();
  const [acorn, daisy] = ['acorn-1.jpg', 'daisy-1.jpg'].map(
    (file) => pictures.find((picture) => picture.file === file)?.bytes ?? Buffer.of(),
  );
  // At the first call the bucket never had versions. Later S3 names one for each object.
  await put('plain.jpg', acorn ?? Buffer.of());
  await backfillOne('plain.jpg');
  for (const Status of ['Suspended', 'Enabled'] as const) {
    await stack.services.s3.send(
      new PutBucketVersioningCommand({ Bucket: UPLOADS_BUCKET, VersioningConfiguration: { Status } }),
    );
    for (const picture of [acorn, daisy]) {
      await put('found.jpg', picture ?? Buffer.of());
      await backfillOne('found.jpg');
    }
    await stack.services.s3.send(new DeleteObjectCommand({ Bucket: UPLOADS_BUCKET, Key: 'found.jpg' }));
    await backfillOne('found.jpg');
    stack.services.takeEvent();
    await put('provoked.jpg', acorn ?? Buffer.of());
    await tagUpload.invoke(stack.services.takeEvent());
    await put('provoked.jpg', daisy ?? Buffer.of());
    await tagUpload.invoke(stack.services.takeEvent());
    await stack.services.s3.send(new DeleteObjectCommand({ Bucket: UPLOADS_BUCKET, Key: 'provoked.jpg' }));
    await tagUpload.invoke(stack.services.takeEvent());
  }
  await put(`${HEAVY_PREFIX}daisy.jpg`, daisy ?? Buffer.of());
  await tagUpload.invoke(stack.services.takeEvent());
  await backfillOne(`${HEAVY_PREFIX}daisy.jpg`);
  const id = Buffer.from('acorn-1.jpg').toString('base64url');
  const statuses = [
    await request('POST', '/classify', { body: JSON.stringify({ key: 'acorn-1.jpg' }), type: 'application/json' }),
    await request('POST', '/classify', { body: daisy, key: 'once' }),
    await request('POST', '/classify', { body: daisy, key: 'once' }),
    await request('POST', '/classify', { body: daisy?.subarray(0, 500), key: 'damaged' }),
    await request('GET', '/images'),
    await request('GET', '/images?label=daisy'),
    await request('GET', '/images?order=newest'),
    await request('GET', `/images/${id}`),
    await request('GET', `/images/${id}/thumbnail`),
    await request('POST', '/uploads', {
      body: JSON.stringify({ contentType: 'image/jpeg' }),
      type: 'application/json',
    }),
    await request('POST', `/classify?model=${HEAVY_MODEL}`, { body: daisy }),
    await request('GET', '/jobs/unknown'),
  ].map(({ statusCode }) => statusCode);
  expect(statuses).toEqual([200, 200, 200, 422, 200, 200, 200, 200, 200, 201, 202, 404]);
}

/** What the state machine calls the function with, for a batch of one key. */
async function backfillOne(key: string): Promise<void> {
  const run = readRunRequest({}, 'run', 1);
  const call = { action: 'tag', run, batch: 'batch', call: 0, isRepeated: false, items: [{ key }] };
  expect(await backfill.invoke(call)).toMatchObject({ counts: { failed: 0 }, unfinished: [] });
}

interface RequestOptions {
  readonly body?: Uint8Array | string | undefined;
  readonly type?: string;
  /** The Idempotency-Key header. */
  readonly key?: string;
}

function request(method: string, url: string, { body = '', type = 'image/jpeg', key }: RequestOptions = {}) {
  const rawHeaders = [
    'Host',
    'api.example',
    'Content-Type',
    type,
    ...(key === undefined ? [] : ['Idempotency-Key', key]),
  ];
  const event = toHttpEvent(
    { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
    Buffer.from(body),
    new Date(),
  );
  return api.invoke(event) as Promise<{ statusCode: number; body: string }>;
}
