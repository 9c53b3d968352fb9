import { GetBucketAclCommand, GetObjectAclCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from '../local-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'x', ACL: 'public-read' }));
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const OWNER = { ID: 'autoswiftnet', DisplayName: 'autoswiftnet' };
const OWNERS_ONLY = {
  Owner: OWNER,
  Grants: [{ Grantee: { ...OWNER, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }],
};

test('every bucket and object is its owner’s alone, whatever the upload asked for', async () => {
  expect(await server.client.send(new GetBucketAclCommand({ Bucket: 'bucket' }))).toMatchObject(OWNERS_ONLY);
  expect(await server.client.send(new GetObjectAclCommand({ Bucket: 'bucket', Key: 'a' }))).toMatchObject(OWNERS_ONLY);
});

test('what is not there has no access list, and none can be set', async () => {
  expect(codeOf(await server.send({ path: '/nowhere?acl' }))).toBe('NoSuchBucket');
  expect(codeOf(await server.send({ path: '/bucket/nothing?acl' }))).toBe('NoSuchKey');
  // s3cmd reads the access list before a copy and writes it after. It goes on after this code only.
  expect(codeOf(await server.send({ method: 'PUT', path: '/bucket/a?acl', body: '<x/>' }))).toBe('NotImplemented');
});
