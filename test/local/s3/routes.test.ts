import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
} from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from './local-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

test.each([
  ['PUT', '/bucket/key?acl'],
  ['PUT', '/bucket/key?retention'],
  ['GET', '/bucket/key?torrent'],
  ['GET', '/bucket?cors'],
  ['PUT', '/bucket/key?partNumber=1'],
  ['DELETE', '/bucket/key?unknown'],
  ['POST', '/bucket/key'],
  ['GET', '/bucket?policy'],
  ['PUT', '/bucket?notification'],
  ['DELETE', '/bucket?policy'],
  ['GET', '/bucket?list-type=2&marker=a'],
])('%s %s is not implemented, and says so', async (method, path) => {
  const before = server.events.length;
  const answer = await server.send({ method, path });

  expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented']);
  expect(answer.headers['content-type']).toBe('application/xml');
  expect(server.events).toHaveLength(before);
});

test('an unknown method, another form of path, and broken percent-encoding are refused', async () => {
  expect(codeOf(await server.send({ method: 'PATCH', path: '/bucket/key' }))).toBe('MethodNotAllowed');
  expect(codeOf(await server.send({ path: 'http://127.0.0.1/bucket/key' }))).toBe('InvalidURI');
  expect(codeOf(await server.send({ path: '/bucket/%ff' }))).toBe('InvalidURI');
  expect(codeOf(await server.send({ path: '/bucket/%zz' }))).toBe('InvalidURI');
});

test('parameters that only sign or name a request do not change the operation', async () => {
  expect((await server.send({ method: 'PUT', path: '/bucket/key?x-id=PutObject', body: 'x' })).status).toBe(200);
});

test('buckets are created once, listed and found', async () => {
  await server.client.send(new CreateBucketCommand({ Bucket: 'another' }));

  const { Buckets } = await server.client.send(new ListBucketsCommand({}));

  expect(Buckets?.map(({ Name }) => Name)).toEqual(['another', 'bucket']);
  await expect(server.client.send(new CreateBucketCommand({ Bucket: 'another' }))).rejects.toMatchObject({
    name: 'BucketAlreadyOwnedByYou',
  });
  await expect(server.client.send(new HeadBucketCommand({ Bucket: 'another' }))).resolves.toBeDefined();
  await expect(server.client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  expect(
    (await server.client.send(new GetBucketLocationCommand({ Bucket: 'another' }))).LocationConstraint,
  ).toBeFalsy();
});

test.each(['ab', 'Upper', '..', 'a..b', '-ab', 'a_b', 'x'.repeat(64), '%2e%2e%2fetc'])(
  'a bucket named %s is refused',
  async (name) => {
    expect(codeOf(await server.send({ method: 'PUT', path: `/${name}` }))).toBe('InvalidBucketName');
  },
);
