import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DamagedStoreError, PortInUseError } from '../../../local/s3/errors.ts';
import { type ListedObject, startS3 } from '../../../local/s3/server.ts';
import { SIGNED, startTestServer, type TestServer } from './local-server.ts';

const MINUTE_MS = 60_000;
const DATA_NAME = /^[0-9a-f]{64}\.[0-9a-f]{32}$/;

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function put(key: string, body: string): Promise<void> {
  await server.client.send(
    new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: body, ContentLength: body.length }),
  );
}

async function get(key: string): Promise<string | undefined> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
  return Body?.transformToString();
}

async function listed(): Promise<ListedObject[]> {
  const all: ListedObject[] = [];
  for await (const object of server.s3.listObjects('bucket')) all.push(object);
  return all;
}

async function filesIn(...path: string[]): Promise<string[]> {
  const entries = await readdir(join(server.dataDir, ...path), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('objects, their tags and their settings survive a restart', async () => {
  await put('a', 'one');
  await server.client.send(
    new PutObjectCommand({ Bucket: 'bucket', Key: 'b', Body: 'two', Tagging: 'k=v', ContentType: 'image/png' }),
  );
  const before = await listed();

  server = await server.restart();

  expect(await listed()).toEqual(before);
  expect(await get('a')).toBe('one');
  const { TagCount, ContentType } = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'b' }));
  expect({ TagCount, ContentType }).toEqual({ TagCount: 1, ContentType: 'image/png' });
});

test('listObjects returns the sequencer, ETag and size of the current versions, as the events did', async () => {
  await put('b', 'first');
  await put('b', 'second');
  await put('a', '');

  const objects = await listed();

  expect(objects.map(({ key, size, eTag, versionId, deleted }) => ({ key, size, eTag, versionId, deleted }))).toEqual([
    { key: 'a', size: 0, eTag: 'd41d8cd98f00b204e9800998ecf8427e', versionId: null, deleted: false },
    { key: 'b', size: 6, eTag: createHash('md5').update('second').digest('hex'), versionId: null, deleted: false },
  ]);
  expect(objects.map(({ sequencer }) => sequencer)).toEqual([
    server.events[2]?.s3.object.sequencer,
    server.events[1]?.s3.object.sequencer,
  ]);
});

test('the start cleans up after a crash, and the earlier object is still complete', async () => {
  await put('kept', 'old');
  const [data = ''] = await filesIn('buckets', 'bucket', 'data');
  const [record = ''] = await filesIn('buckets', 'bucket', 'objects');
  expect(data).toMatch(DATA_NAME);
  const hash = data.slice(0, 64);
  const bucketDir = join(server.dataDir, 'buckets', 'bucket');
  await writeFile(join(bucketDir, 'data', hash.slice(0, 2), `${hash}.${'0'.repeat(32)}`), 'half of the new');
  await writeFile(join(bucketDir, 'objects', hash.slice(0, 2), `${record}.12345678.tmp`), '{"key":"kept","vers');
  await mkdir(join(bucketDir, 'uploads'), { recursive: true });
  await writeFile(join(bucketDir, 'uploads', `${'a'.repeat(32)}.1.json`), '{}');
  await mkdir(join(server.dataDir, 'buckets', 'half-made'));

  server = await server.restart();

  expect(await get('kept')).toBe('old');
  expect((await filesIn('buckets')).sort()).toEqual([data, record, 'bucket.json'].sort());
});

test('an incomplete record stops the start and is named', async () => {
  await put('a', 'one');
  const [record = ''] = await filesIn('buckets', 'bucket', 'objects');
  await writeFile(join(server.dataDir, 'buckets', 'bucket', 'objects', record.slice(0, 2), record), '{"key":"a"');

  const start = startS3({ dataDir: server.dataDir });

  await expect(start).rejects.toThrow(DamagedStoreError);
  await expect(start).rejects.toThrow(record);
});

test('sequencers increase across restarts, even if the clock stops or jumps back', async () => {
  const now = Date.now();
  const seen: (string | undefined)[] = [];
  for (const time of [now, now - 30 * MINUTE_MS, now, now + MINUTE_MS]) {
    server = await server.restart({ clock: () => time });
    await put('a', 'x');
    await put('a', 'y');
    seen.push(...server.events.map(({ s3 }) => s3.object.sequencer), (await listed())[0]?.sequencer);
  }

  expect(seen).toHaveLength(12);
  expect([...seen].sort()).toEqual(seen);
  expect(new Set(seen).size).toBe(8);
});

test('a client that disconnects during an upload leaves nothing behind', async () => {
  const { port } = new URL(server.s3.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `PUT /bucket/aborted HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${SIGNED.authorization}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`,
  );
  while ((await filesIn('buckets', 'bucket')).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  socket.destroy();
  while ((await filesIn('buckets', 'bucket')).length > 1) await new Promise((resolve) => setTimeout(resolve, 10));

  expect(await filesIn('buckets', 'bucket')).toEqual(['bucket.json']);
  expect(await listed()).toEqual([]);
  expect(server.events).toEqual([]);
});

test('close ends in time despite a hanging upload, and waits for notifications in progress', async () => {
  let delivered = false;
  server = await server.restart({
    onEvent: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      delivered = true;
    },
  });
  await put('a', 'one');
  const { port } = new URL(server.s3.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `PUT /bucket/b HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${SIGNED.authorization}\r\nContent-Length: 10\r\n\r\nx`,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));

  // The rest of that body never comes: closing must not wait for it.
  await server.s3.close();

  expect(delivered).toBe(true);
  server = await startTestServer({ dataDir: server.dataDir });
});

test('an onEvent that fails does not fail the upload, and is reported', async () => {
  const errors: unknown[] = [];
  const failing = await startTestServer({
    onEvent: () => {
      throw new Error('queue is down');
    },
    onError: (error) => errors.push(error),
  });

  await failing.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'x' }));
  await failing.close();

  expect(errors).toEqual([new Error('queue is down')]);
});

test('a port in use has its own error', async () => {
  const port = Number(new URL(server.s3.endpoint).port);

  await expect(startS3({ dataDir: join(server.dataDir, 'other'), port })).rejects.toThrow(PortInUseError);
});
