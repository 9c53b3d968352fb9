import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { parseRange } from '../../../../local/s3/operations/get-object.ts';
import { codeOf, SIGNED, startTestServer, type TestServer } from '../local-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.client.send(
    new PutObjectCommand({ Bucket: 'bucket', Key: 'digits', Body: '0123456789', ContentType: 'text/plain' }),
  );
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

test.each<[string | undefined, { first: number; last: number } | undefined]>([
  [undefined, undefined],
  ['bytes=0-0', { first: 0, last: 0 }],
  ['bytes=2-4', { first: 2, last: 4 }],
  ['bytes=7-', { first: 7, last: 9 }],
  ['bytes=7-100', { first: 7, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-100', { first: 0, last: 9 }],
  ['bytes=4-2', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,3-4', undefined],
  ['lines=1-2', undefined],
])('the range %s of ten bytes', (text, expected) => {
  expect(parseRange(text, 10)).toEqual(expected);
});

test('a range beyond the end is refused with the length', async () => {
  for (const range of ['bytes=10-', 'bytes=-0']) {
    const answer = await server.send({ path: '/bucket/digits', headers: { ...SIGNED, range } });

    expect([answer.status, codeOf(answer), answer.headers['content-range']]).toEqual([
      416,
      'InvalidRange',
      'bytes */10',
    ]);
  }
});

test('a range is returned with its position', async () => {
  const answer = await server.send({ path: '/bucket/digits', headers: { ...SIGNED, range: 'bytes=2-4' } });

  expect([answer.status, answer.body]).toEqual([206, '234']);
  expect(answer.headers).toMatchObject({
    'content-range': 'bytes 2-4/10',
    'content-length': '3',
    'accept-ranges': 'bytes',
  });
});

test('If-Range with another ETag returns the whole object', async () => {
  const answer = await server.send({
    path: '/bucket/digits',
    headers: { ...SIGNED, range: 'bytes=2-4', 'if-range': '"old"' },
  });

  expect([answer.status, answer.body]).toEqual([200, '0123456789']);
});

test('HEAD answers as GET does, without the bytes', async () => {
  const head = await server.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'digits' }));

  expect(head).toMatchObject({
    ContentLength: 10,
    ContentType: 'text/plain',
    ETag: '"781e5e245d69b566979b86e28d23f2c7"',
  });
  expect(head.LastModified).toBeInstanceOf(Date);
});

test('a read with If-Match fails if the object has another ETag', async () => {
  const get = (condition: object) =>
    server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'digits', ...condition }));

  await expect(get({ IfMatch: '"781e5e245d69b566979b86e28d23f2c7"' })).resolves.toMatchObject({ ContentLength: 10 });
  await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  await expect(get({ IfNoneMatch: '"781e5e245d69b566979b86e28d23f2c7"' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

test('a missing object is not found', async () => {
  const missing = (Bucket: string, Key: string) => server.client.send(new GetObjectCommand({ Bucket, Key }));

  await expect(missing('bucket', 'nothing')).rejects.toMatchObject({
    name: 'NoSuchKey',
    $metadata: { httpStatusCode: 404 },
  });
  await expect(missing('nowhere', 'digits')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  await expect(
    server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'digits', VersionId: 'f'.repeat(32) })),
  ).rejects.toMatchObject({ name: 'NoSuchVersion' });
});

test('the query can replace headers of the answer, but cannot inject other headers', async () => {
  const path = '/bucket/digits?response-content-type=text%2Fcsv&response-content-disposition=attachment';

  expect((await server.send({ path })).headers).toMatchObject({
    'content-type': 'text/csv',
    'content-disposition': 'attachment',
  });
  expect(codeOf(await server.send({ path: '/bucket/digits?response-content-type=a%0D%0Ax-evil:1' }))).toBe(
    'InvalidArgument',
  );
});

test('a read that has started continues after an overwrite and gets the old bytes', async () => {
  const old = 'a'.repeat(8_000_000);
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: old }));
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'large' }));
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: 'new' }));

  expect((await Body?.transformToString()) === old).toBe(true);
});
