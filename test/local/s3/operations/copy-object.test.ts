import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SIGNED, startTestServer, type TestServer } from '../local-server.ts';

const KEY = 'source/ü +%.txt';
const SOURCE = `bucket/${encodeURIComponent(KEY)}`;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.client.send(
    new PutObjectCommand({
      Bucket: 'bucket',
      Key: KEY,
      Body: 'bytes',
      ContentType: 'image/png',
      Metadata: { a: '1' },
      Tagging: 't=1',
    }),
  );
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function copy(input: Partial<CopyObjectCommandInput> = {}): Promise<object> {
  await server.client.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'copy', CopySource: SOURCE, ...input }));
  const { ContentType, Metadata, Body } = await server.client.send(
    new GetObjectCommand({ Bucket: 'bucket', Key: input.Key ?? 'copy' }),
  );
  const { TagSet } = await server.client.send(
    new GetObjectTaggingCommand({ Bucket: 'bucket', Key: input.Key ?? 'copy' }),
  );
  return { ContentType, Metadata, TagSet, body: await Body?.transformToString() };
}

test('a copy includes everything, and is reported as a copy', async () => {
  expect(await copy()).toEqual({
    ContentType: 'image/png',
    Metadata: { a: '1' },
    TagSet: [{ Key: 't', Value: '1' }],
    body: 'bytes',
  });
  expect(server.events.at(-1)).toMatchObject({
    eventName: 'ObjectCreated:Copy',
    s3: { object: { key: 'copy', size: 5 } },
  });
});

test('metadata and tags can be replaced separately', async () => {
  expect(await copy({ TaggingDirective: 'REPLACE', Tagging: 'x=y' })).toMatchObject({
    Metadata: { a: '1' },
    TagSet: [{ Key: 'x', Value: 'y' }],
  });
  expect(await copy({ MetadataDirective: 'REPLACE', ContentType: 'text/plain', Metadata: { b: '2' } })).toMatchObject({
    ContentType: 'text/plain',
    Metadata: { b: '2' },
    TagSet: [{ Key: 't', Value: '1' }],
  });
});

test('an object can be copied onto itself only if something changes', async () => {
  await expect(copy({ Key: KEY })).rejects.toMatchObject({ name: 'InvalidRequest' });
  expect(
    await copy({ Key: KEY, MetadataDirective: 'REPLACE', ContentType: 'image/gif', Metadata: { a: '1' } }),
  ).toMatchObject({
    ContentType: 'image/gif',
    body: 'bytes',
  });
  await copy({ Key: KEY, MetadataDirective: 'REPLACE', ContentType: 'image/png', Metadata: { a: '1' } });
});

test.each([
  ['as it is', SOURCE],
  ['with a slash before it', `/${SOURCE}`],
  ['with its slashes encoded', encodeURIComponent(`bucket/${KEY}`)],
  ['with a slash before it, all encoded', encodeURIComponent(`/bucket/${KEY}`)],
  ['form-encoded, a space as a plus', `bucket/${encodeURIComponent(KEY).replaceAll('%20', '+')}`],
  ['with its UTF-8 unencoded', Buffer.from('bucket/source/ü%20%2B%25.txt').toString('latin1')],
  ['with the version', `${SOURCE}?versionId=null`],
])('the source %s', async (_form, source) => {
  const answer = await server.send({
    method: 'PUT',
    path: '/bucket/form',
    headers: { ...SIGNED, 'x-amz-copy-source': source },
  });

  expect(answer.status).toBe(200);
  expect((await server.send({ path: '/bucket/form' })).body).toBe('bytes');
});

test.each<[string, Partial<CopyObjectCommandInput>]>([
  ['NoSuchKey', { CopySource: 'bucket/nothing' }],
  ['NoSuchBucket', { CopySource: 'nowhere/x' }],
  ['InvalidArgument', { CopySource: 'bucket' }],
  ['InvalidArgument', { CopySource: 'bucket/%ff' }],
  ['PreconditionFailed', { CopySourceIfMatch: '"other"' }],
  ['PreconditionFailed', { CopySourceIfNoneMatch: '*' }],
  ['NoSuchVersion', { CopySource: `${SOURCE}?versionId=${'0'.repeat(32)}` }],
])('%s: %j', async (name, input) => {
  await expect(copy(input)).rejects.toMatchObject({ name });
});
