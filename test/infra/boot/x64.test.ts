import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { UPLOADS_BUCKET } from '../../../local/names.ts';
import type { BootedFunction } from './boot-function.ts';
import { type BootedStack, bootStack, tagPictures } from './booted-stack.ts';
import { missingToBoot } from './requirements.ts';
import { samplePictures } from './sample-pictures.ts';

const START_TIMEOUT_MS = 120_000;

const missing = missingToBoot('x64');
const bootTest = missing === null ? test : test.skip;
const why = missing === null ? '' : `: ${missing}`;

let stack: BootedStack;
let tagUpload: BootedFunction;
let api: BootedFunction;

beforeAll(async () => {
  if (missing !== null) return;
  stack = await bootStack('x64');
  tagUpload = await stack.start('tag-upload', 'Tagging/TagUpload');
  api = await stack.start('api', 'Api/Function');
}, START_TIMEOUT_MS);

afterAll(() => stack?.close());

function put(key: string, Body: Uint8Array) {
  return stack.services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: key, Body }));
}

bootTest(`an S3 event gives tags and a record, from the artefacts alone${why}`, async () => {
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

bootTest(`all 64 sample pictures get PyTorch's answer${why}`, async () => {
  const pictures = samplePictures();

  const answers = await tagPictures(stack, tagUpload, pictures);

  expect(answers).toEqual(pictures.map(({ top1 }) => top1));
  expect(answers).toHaveLength(64);
});

bootTest(`an API event with a picture gives predictions${why}`, async () => {
  const picture = samplePictures().find(({ file }) => file === 'daisy-1.jpg');

  const answer = await request('POST', '/classify?top=2', picture?.bytes);

  expect(answer.statusCode).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ predictions: [{ rank: 1, label: 'daisy' }, { rank: 2 }] });
});

bootTest(`the API has the contract beside its code${why}`, async () => {
  const answer = await request('GET', '/openapi.yaml');

  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('openapi: 3.1.0');
});

function request(method: string, url: string, body: Uint8Array = Buffer.of()) {
  const rawHeaders = ['Host', 'api.example', 'Content-Type', 'image/jpeg'];
  const event = toHttpEvent(
    { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
    body,
    new Date(),
  );
  return api.invoke(event) as Promise<{ statusCode: number; body: string; isBase64Encoded?: boolean }>;
}
