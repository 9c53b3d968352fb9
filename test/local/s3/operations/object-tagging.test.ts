import {
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../local-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function setTags(tags: Record<string, string>, VersionId?: string): Promise<void> {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await server.client.send(new PutObjectTaggingCommand({ Bucket: 'bucket', Key: 'k', VersionId, Tagging: { TagSet } }));
}

async function getTags(VersionId?: string): Promise<object> {
  const { TagSet } = await server.client.send(new GetObjectTaggingCommand({ Bucket: 'bucket', Key: 'k', VersionId }));
  return Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key, Value]));
}

test('tags are replaced as a set, cause no event and do not change the object', async () => {
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'x', Tagging: 'old=1' }));
  const before = await server.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'k' }));

  await setTags({ 'autoswiftnet:label': 'tiger cat', new: '2' });

  expect(await getTags()).toEqual({ 'autoswiftnet:label': 'tiger cat', new: '2' });
  const after = await server.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'k' }));
  expect([after.ETag, after.LastModified, after.TagCount]).toEqual([before.ETag, before.LastModified, 2]);
  expect(server.events).toHaveLength(1);
  await server.client.send(new DeleteObjectTaggingCommand({ Bucket: 'bucket', Key: 'k' }));
  expect(await getTags()).toEqual({});
});

test('each version has its own tags', async () => {
  await server.s3.createBucket('bucket', { versioned: true });
  const { VersionId: first } = await server.client.send(
    new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: '1' }),
  );
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: '2', Tagging: 'current=1' }));

  await setTags({ first: '1' }, first);

  expect(await getTags()).toEqual({ current: '1' });
  expect(await getTags(first)).toEqual({ first: '1' });
});

test('an eleventh tag, a bad character and a missing object are refused', async () => {
  await expect(setTags({ a: '1' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'x' }));
  await expect(setTags(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}`, ''])))).rejects.toMatchObject({
    name: 'BadRequest',
  });
  await expect(setTags({ a: "tiger's" })).rejects.toMatchObject({ name: 'InvalidTag' });
});
