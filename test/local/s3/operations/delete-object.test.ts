import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { codeOf, SIGNED, startTestServer, type TestServer } from '../local-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function put(Key: string, Body: string): Promise<string | undefined> {
  const { VersionId } = await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }));
  return VersionId;
}

async function get(Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key, VersionId }));
  return Body?.transformToString();
}

async function setVersioning(Status: 'Enabled' | 'Suspended'): Promise<void> {
  await server.client.send(new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration: { Status } }));
}

test('a deletion is reported once, with a later sequencer and no size', async () => {
  await put('a b', 'x');
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'a b' }));
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'a b' }));

  const [created, removed, ...rest] = server.events;
  expect(rest).toEqual([]);
  expect(removed?.eventName).toBe('ObjectRemoved:Delete');
  expect(removed?.s3.object).toEqual({ key: 'a+b', sequencer: expect.any(String) });
  expect((removed?.s3.object.sequencer ?? '') > (created?.s3.object.sequencer ?? '')).toBe(true);
  await expect(get('a b')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('one request deletes many objects, each with its own outcome', async () => {
  const keys = ['plain', ' spaces ', 'a&b<c>', 'line\r\nfeed', '../..'];
  for (const key of keys) await put(key, 'x');

  const { Deleted, Errors } = await server.client.send(
    new DeleteObjectsCommand({
      Bucket: 'bucket',
      Delete: { Objects: [...keys, 'absent', 'x'.repeat(1025)].map((Key) => ({ Key })) },
    }),
  );

  expect(Deleted?.map(({ Key }) => Key)).toEqual([...keys, 'absent']);
  expect(Errors).toEqual([expect.objectContaining({ Code: 'KeyTooLongError' })]);
  expect(server.events.filter(({ eventName }) => eventName === 'ObjectRemoved:Delete')).toHaveLength(keys.length);
});

test('quiet deletion returns errors only, and more than a thousand keys are refused', async () => {
  const quiet = await server.client.send(
    new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Quiet: true, Objects: [{ Key: 'absent' }] } }),
  );
  const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1001)}</Delete>`;

  expect(quiet.Deleted).toBeUndefined();
  expect(codeOf(await server.send({ method: 'POST', path: '/bucket?delete', headers: SIGNED, body: many }))).toBe(
    'MalformedXML',
  );
});

test('versions are kept, read by id, hidden by a delete marker and shown again without it', async () => {
  await setVersioning('Enabled');
  const first = await put('k', 'one');
  const second = await put('k', 'two');
  const { VersionId: marker, DeleteMarker } = await server.client.send(
    new DeleteObjectCommand({ Bucket: 'bucket', Key: 'k' }),
  );

  expect(DeleteMarker).toBe(true);
  expect(await get('k', first)).toBe('one');
  expect(await get('k', second)).toBe('two');
  await expect(get('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(get('k', marker)).rejects.toMatchObject({ name: 'MethodNotAllowed' });
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'k', VersionId: marker }));
  expect(await get('k')).toBe('two');
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'k', VersionId: second }));
  expect(await get('k')).toBe('one');
  expect(server.events.map(({ eventName, s3 }) => [eventName, s3.object.versionId])).toEqual([
    ['ObjectCreated:Put', first],
    ['ObjectCreated:Put', second],
    ['ObjectRemoved:DeleteMarkerCreated', marker],
    ['ObjectRemoved:Delete', marker],
    ['ObjectRemoved:Delete', second],
  ]);
});

test('suspended versioning keeps old versions and has one without an id', async () => {
  await put('k', 'before');
  await setVersioning('Enabled');
  const kept = await put('k', 'kept');
  await setVersioning('Suspended');
  await put('k', 'later');

  const { Versions } = await server.client.send(new ListObjectVersionsCommand({ Bucket: 'bucket' }));

  expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
    ['null', true],
    [kept, false],
  ]);
  expect(await get('k', 'null')).toBe('later');
  expect(server.events.at(-1)?.s3.object.versionId).toBeUndefined();
});

test('versioning survives a restart, and the next page of versions continues where the last one ended', async () => {
  await server.s3.createBucket('bucket', { versioned: true });
  const ids: (string | undefined)[] = [];
  for (const body of ['1', '2', '3']) ids.unshift(await put('a/k', body));
  ids.push(await put('b', 'x'));
  server = await server.restart();

  const seen: (string | undefined)[] = [];
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (markers !== undefined) {
    const page: {
      Versions?: { VersionId?: string | undefined }[] | undefined;
      IsTruncated?: boolean | undefined;
      NextKeyMarker?: string | undefined;
      NextVersionIdMarker?: string | undefined;
    } = await server.client.send(new ListObjectVersionsCommand({ Bucket: 'bucket', MaxKeys: 2, ...markers }));
    seen.push(...(page.Versions ?? []).map(({ VersionId }) => VersionId));
    markers = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }

  expect(seen).toEqual(ids);
  expect(await server.client.send(new GetBucketVersioningCommand({ Bucket: 'bucket' }))).toMatchObject({
    Status: 'Enabled',
  });
});

test('listObjects shows a delete marker as deleted', async () => {
  await setVersioning('Enabled');
  await put('k', 'x');
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'k' }));

  for await (const object of server.s3.listObjects('bucket')) {
    expect(object).toMatchObject({
      key: 'k',
      deleted: true,
      size: 0,
      sequencer: server.events.at(-1)?.s3.object.sequencer,
    });
  }
});
