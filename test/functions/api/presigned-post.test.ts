import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { openImageBucket, type PresignedForm } from '../../../functions/api/bucket.ts';
import { UPLOAD_TYPES } from '../../../functions/api/media-types.ts';
import { codeOf, startTestServer, type TestServer } from '../../local/s3/local-server.ts';

const BUCKET = 'bucket';
const MAX_BYTES = 100;

let server: TestServer;
let clock = Date.now();

beforeAll(async () => {
  server = await startTestServer({ clock: () => clock });
});

beforeEach(() => {
  clock = Date.now();
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function presign(contentType = 'image/png'): Promise<PresignedForm> {
  return openImageBucket(server.client, BUCKET, () => new Date()).presignPost(contentType, MAX_BYTES);
}

/** Sends a form as a browser does, by default as it was given. */
async function post(form: PresignedForm, body: Uint8Array, changes: Record<string, string> = {}) {
  const data = new FormData();
  for (const [name, value] of Object.entries({ ...form.fields, ...changes })) data.append(name, value);
  data.append('file', new Blob([body]), 'mine.html');
  const response = await fetch(form.url, { method: 'POST', body: data });
  return { status: response.status, body: await response.text(), headers: {} };
}

async function keys(): Promise<(string | undefined)[]> {
  const { Contents = [] } = await server.client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key);
}

test.each([...UPLOAD_TYPES])('a form for %s takes one picture under the key that was chosen', async (contentType) => {
  const form = await presign(contentType);

  const { status } = await post(form, Buffer.from('picture'));

  expect(status).toBe(204);
  expect(form.key).toMatch(/^uploads\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.[a-z]+$/);
  const { Body, ContentType } = await server.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: form.key }));
  expect([ContentType, await Body?.transformToString()]).toEqual([contentType, 'picture']);
});

test.each([
  ['another key', { key: 'uploads/mine.png' }],
  ['a key with the file name', { key: 'uploads/x' }],
  ['another type', { 'Content-Type': 'text/html' }],
  ['a type beside it', { 'Content-Type': 'image/png; charset=utf-8' }],
  ['tags', { tagging: '<Tagging><TagSet/></Tagging>' }],
  ['metadata', { 'x-amz-meta-autoswiftnet-model': 'heavy' }],
  ['another access', { acl: 'public-read' }],
])('%s is refused, and nothing is stored', async (_name, changes) => {
  const before = await keys();

  const answer = await post(await presign(), Buffer.from('picture'), changes);

  expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
  expect(await keys()).toEqual(before);
});

test('another bucket does not take it', async () => {
  await server.s3.createBucket('other');
  const form = await presign();

  const answer = await post({ ...form, url: form.url.replace(/bucket$/, 'other') }, Buffer.from('picture'));

  expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
});

test('exactly the limit is taken; a byte more, and no byte at all, are refused', async () => {
  const [most, more, none] = [await presign(), await presign(), await presign()];

  expect((await post(most, Buffer.alloc(MAX_BYTES))).status).toBe(204);
  expect(codeOf(await post(more, Buffer.alloc(MAX_BYTES + 1)))).toBe('EntityTooLarge');
  expect(codeOf(await post(none, Buffer.alloc(0)))).toBe('EntityTooSmall');
  for (const { key } of [more, none]) {
    await expect(server.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  }
});

test('after five minutes the form has expired', async () => {
  const form = await presign();
  clock += 5 * 60_000 + 1000;

  expect(codeOf(await post(form, Buffer.from('picture')))).toBe('AccessDenied');
});
