import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { S3Error } from '../../../local/s3/errors.ts';
import { startTestServer, type TestServer } from './local-server.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);

let now: number;
let server: TestServer;

beforeEach(async () => {
  now = START;
  server = await startTestServer({ clock: () => now });
  await server.s3.createBucket('bucket', { versioned: true });
});

afterEach(() => server.close());

async function put(Key: string, Body: string): Promise<string | undefined> {
  return (await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }))).VersionId;
}

async function versions(): Promise<(string | undefined)[]> {
  const { Versions = [] } = await server.client.send(new ListObjectVersionsCommand({ Bucket: 'bucket' }));
  return Versions.map(({ VersionId }) => VersionId);
}

async function dataFiles(): Promise<number> {
  const entries = await readdir(join(server.dataDir, 'buckets/bucket/data'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

test('a replaced version is deleted with its bytes after the given days; the current version stays', async () => {
  await put('k', 'first');
  now += 20 * DAY_MS;
  const second = await put('k', 'second');
  now += 5 * DAY_MS;
  const third = await put('k', 'third');
  await put('old', 'never replaced');

  now = START + 50 * DAY_MS - 1;
  expect(await server.s3.expireVersions('bucket', 30)).toBe(0);
  now = START + 50 * DAY_MS;
  expect(await server.s3.expireVersions('bucket', 30)).toBe(1);

  expect(await versions()).toEqual([third, second, expect.any(String)]);
  expect(await dataFiles()).toBe(3);
});

test('a deleted version is deleted for good, too, and its delete marker stays, even after a restart', async () => {
  await put('k', 'gone');
  await server.client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'k' }));
  const { events } = server;

  now += 30 * DAY_MS;
  expect(await server.s3.expireVersions('bucket', 30)).toBe(1);
  server = await server.restart();

  const { Versions, DeleteMarkers } = await server.client.send(new ListObjectVersionsCommand({ Bucket: 'bucket' }));
  expect([Versions, DeleteMarkers]).toEqual([undefined, [expect.objectContaining({ Key: 'k', IsLatest: true })]]);
  expect(await dataFiles()).toBe(0);
  expect(events.map(({ eventName }) => eventName)).toEqual(['ObjectCreated:Put', 'ObjectRemoved:DeleteMarkerCreated']);
});

test('in a missing bucket nothing can expire', async () => {
  const expiring = async () => server.s3.expireVersions('absent', 30);

  await expect(expiring()).rejects.toThrow(S3Error);
});
