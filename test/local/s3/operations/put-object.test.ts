import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  ChecksumAlgorithm,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { codeOf, SIGNED, startTestServer, type TestServer } from '../local-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function get(key: string): Promise<Buffer> {
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

function md5(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Keys that cause trouble in a store that turns them into paths. */
const ODD_KEYS = [
  '../../x',
  '..',
  '.',
  '/',
  '//a//',
  'folder/',
  'a',
  'a/b',
  'a b+c%20d%',
  'ü/日本/\u{1f600}',
  '?versions&x=1#fragment',
  'line\r\nfeed\ttab',
  'C:\\windows\\nul',
  '__proto__',
  '\u{10ffff}',
  'x'.repeat(1024),
  'ü'.repeat(512),
];

test('every key of up to 1,024 bytes works, and nothing is written outside the data folder', async () => {
  for (const key of ODD_KEYS) {
    await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: `body of ${key}` }));
  }

  for (const key of ODD_KEYS) expect((await get(key)).toString()).toBe(`body of ${key}`);
  const listed: string[] = [];
  for await (const { key } of server.s3.listObjects('bucket')) listed.push(key);
  expect(listed).toEqual(expect.arrayContaining(ODD_KEYS));
  const names = await readdir(join(server.dataDir, 'buckets', 'bucket'), { recursive: true });
  expect(
    names.every((name) => /^(bucket\.json|uploads|(objects|data)(\/[0-9a-f]{2}(\/[0-9a-f.]+(json)?)?)?)$/.test(name)),
  ).toBe(true);
  expect((await readdir(server.dataDir)).sort()).toEqual(['buckets', 'sequencer']);
  expect(await readdir(join(server.dataDir, 'buckets'))).toEqual(['bucket']);
});

test.each(['x'.repeat(1025), `${'ü'.repeat(512)}x`])('a longer key is refused', async (key) => {
  await expect(server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: 'x' }))).rejects.toThrow(
    expect.objectContaining({ name: 'KeyTooLongError' }),
  );
});

test('a stream in signed chunks arrives unchanged, with the same event as from S3', async () => {
  const file = join(server.dataDir, 'upload.tmp');
  const bytes = Buffer.alloc(700_001, 'streamed upload ');
  await writeFile(file, bytes);
  const before = server.events.length;

  const { ETag } = await server.client.send(
    new PutObjectCommand({
      Bucket: 'bucket',
      Key: 'red flower+ü.jpg',
      Body: createReadStream(file),
      ContentLength: bytes.length,
    }),
  );

  expect((await get('red flower+ü.jpg')).equals(bytes)).toBe(true);
  expect(ETag).toBe(`"${md5(bytes)}"`);
  const { Metadata, ContentEncoding } = await server.client.send(
    new HeadObjectCommand({ Bucket: 'bucket', Key: 'red flower+ü.jpg' }),
  );
  expect({ Metadata, ContentEncoding }).toEqual({ Metadata: {}, ContentEncoding: undefined });
  expect(server.events.slice(before)).toEqual([
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AWS:key' },
      requestParameters: { sourceIPAddress: expect.stringContaining('127.0.0.1') },
      responseElements: {
        'x-amz-request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
        'x-amz-id-2': expect.any(String),
      },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'autoswiftnet',
        bucket: { name: 'bucket', ownerIdentity: { principalId: 'autoswiftnet' }, arn: 'arn:aws:s3:::bucket' },
        object: {
          key: 'red+flower%2B%C3%BC.jpg',
          size: 700_001,
          eTag: md5(bytes),
          sequencer: expect.stringMatching(/^[0-9A-F]{16}$/),
        },
      },
    },
  ]);
});

test('headers, metadata and tags given at upload are kept; the next upload drops them', async () => {
  const Key = 'described';
  await server.client.send(
    new PutObjectCommand({
      Bucket: 'bucket',
      Key,
      Body: 'x',
      ContentType: 'image/png',
      CacheControl: 'max-age=1',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      Metadata: { camera: 'one', lens: '50mm' },
      Tagging: 'owner=me&project=a%20b',
    }),
  );
  const first = await server.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
  const firstTags = await server.client.send(new GetObjectTaggingCommand({ Bucket: 'bucket', Key }));
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'y' }));
  const second = await server.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
  const secondTags = await server.client.send(new GetObjectTaggingCommand({ Bucket: 'bucket', Key }));

  expect(first).toMatchObject({
    ContentType: 'image/png',
    CacheControl: 'max-age=1',
    ContentDisposition: 'inline',
    ContentEncoding: 'gzip',
    Metadata: { camera: 'one', lens: '50mm' },
  });
  expect(firstTags.TagSet).toEqual([
    { Key: 'owner', Value: 'me' },
    { Key: 'project', Value: 'a b' },
  ]);
  expect(second.Metadata).toEqual({});
  expect(second.ContentType).not.toBe('image/png');
  expect(secondTags.TagSet).toEqual([]);
});

test.each([
  ChecksumAlgorithm.CRC32,
  ChecksumAlgorithm.CRC32C,
  ChecksumAlgorithm.CRC64NVME,
  ChecksumAlgorithm.SHA1,
  ChecksumAlgorithm.SHA256,
])('the checksum of an upload with %s is returned', async (algorithm) => {
  const Key = `checksum-${algorithm}`;
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'abc', ChecksumAlgorithm: algorithm }));

  const answer = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key, ChecksumMode: 'ENABLED' }));

  expect(answer).toHaveProperty(`Checksum${algorithm}`, expect.stringMatching(/=$/));
  expect(await answer.Body?.transformToString()).toBe('abc');
});

test.each<[string, Record<string, string>]>([
  ['BadDigest', { 'content-md5': Buffer.from(md5('y'), 'hex').toString('base64') }],
  ['InvalidDigest', { 'content-md5': 'short' }],
  ['BadDigest', { 'x-amz-checksum-crc32': Buffer.alloc(4).toString('base64') }],
  ['BadDigest', { 'x-amz-checksum-sha1': Buffer.alloc(20).toString('base64') }],
  ['BadDigest', { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') }],
  ['InvalidRequest', { 'x-amz-checksum-crc32': 'AAA' }],
  ['XAmzContentSHA256Mismatch', { 'x-amz-content-sha256': '0'.repeat(64) }],
  ['InvalidArgument', { 'x-amz-content-sha256': 'x' }],
  ['MetadataTooLarge', { 'x-amz-meta-a': 'x'.repeat(2048) }],
  ['InvalidTag', { 'x-amz-tagging': 'a=%21' }],
  ['NotImplemented', { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }],
  ['EntityTooLarge', { 'content-length': String(5 * 1024 ** 3 + 1), expect: '100-continue' }],
])('%s: %j', async (code, headers) => {
  const answer = await server.send({
    method: 'PUT',
    path: '/bucket/bad',
    headers: { ...SIGNED, ...headers },
    body: 'x',
  });

  expect(codeOf(answer)).toBe(code);
  expect((await server.send({ path: '/bucket/bad' })).status).toBe(404);
});

test('the length must be declared before the bytes', async () => {
  const answer = await server.send({
    method: 'PUT',
    path: '/bucket/unknown',
    headers: { ...SIGNED, 'transfer-encoding': 'chunked' },
    body: 'x',
  });

  expect([answer.status, codeOf(answer)]).toEqual([411, 'MissingContentLength']);
});

test('a checksum in a trailer is verified, and an announced one must be sent', async () => {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32('hello'));
  const upload = (trailer: string) =>
    server.send({
      method: 'PUT',
      path: '/bucket/trailer',
      headers: {
        ...SIGNED,
        'content-encoding': 'aws-chunked',
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '5',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      body: `5\r\nhello\r\n0\r\n${trailer}\r\n`,
    });

  expect(codeOf(await upload('x-amz-checksum-crc32:AAAAAA==\r\n'))).toBe('BadDigest');
  expect(codeOf(await upload('x-amz-checksum-crc32:?\r\n'))).toBe('InvalidRequest');
  expect(codeOf(await upload(''))).toBe('MalformedTrailerError');
  expect((await upload(`x-amz-checksum-crc32:${checksum.toString('base64')}\r\n`)).status).toBe(200);
  expect((await get('trailer')).toString()).toBe('hello');
});

test('a framed body whose length differs from the declared one is refused', async () => {
  for (const declared of ['4', '6']) {
    const answer = await server.send({
      method: 'PUT',
      path: '/bucket/length',
      headers: { ...SIGNED, 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': declared },
      body: '5\r\nhello\r\n0\r\n\r\n',
    });
    expect([declared, codeOf(answer)]).toEqual([declared, 'IncompleteBody']);
  }
  expect((await server.send({ path: '/bucket/length' })).status).toBe(404);
});

test('If-None-Match: * writes once, however many try at the same time', async () => {
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'once', Body: `${index}`, IfNoneMatch: '*' })),
    ),
  );

  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refused = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []));
  for (const error of refused)
    expect(error).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
});

test('of many concurrent writes of a key, the one with the last event remains complete', async () => {
  const before = server.events.length;
  const bodies = Array.from({ length: 12 }, (_, index) => `${index}`.repeat(10_000));
  await Promise.all(
    bodies.map((Body) => server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'raced', Body }))),
  );

  const stored = (await get('raced')).toString();
  const events = server.events.slice(before);

  expect(bodies).toContain(stored);
  expect(events.map(({ s3 }) => s3.object.sequencer)).toEqual(events.map(({ s3 }) => s3.object.sequencer).sort());
  expect(events.at(-1)?.s3.object.eTag).toBe(md5(stored));
});

test('Expect: 100-continue is answered before the body, and a refusal instead of it', async () => {
  const talk = (head: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.s3.endpoint).port), '127.0.0.1', () => socket.write(head));
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk.toString();
        if (heard.endsWith('100 Continue\r\n\r\n')) socket.write('hello');
        else if (heard.includes('x-amz-request-id')) socket.end();
      });
      socket.on('end', () => resolve(heard));
      socket.on('error', reject);
    });
  const head = (path: string) =>
    `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${SIGNED.authorization}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;

  expect(await talk(head('/bucket/expected'))).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  expect(await talk(head('/no-such-bucket/expected'))).toMatch(/^HTTP\/1\.1 404 Not Found[\s\S]*connection: close/i);
  expect((await get('expected')).toString()).toBe('hello');
});
