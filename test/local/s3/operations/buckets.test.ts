import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from '../local-server.ts';

const Bucket = 'made-here';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
  await server.client.send(new CreateBucketCommand({ Bucket }));
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const remove = (name = Bucket) => server.client.send(new DeleteBucketCommand({ Bucket: name }));

async function names(): Promise<(string | undefined)[]> {
  const { Buckets = [] } = await server.client.send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
}

test('an empty bucket is deleted, for good', async () => {
  await remove();
  expect(await names()).toEqual(['bucket']);
  server = await server.restart();
  expect(await names()).toEqual(['bucket']);
  await expect(remove()).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('a bucket that holds an object, or only a delete marker, stays', async () => {
  await server.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
  await expect(remove()).rejects.toMatchObject({ name: 'BucketNotEmpty', $metadata: { httpStatusCode: 409 } });

  await server.client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  await server.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId } = await server.client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
  await expect(remove()).rejects.toMatchObject({ name: 'BucketNotEmpty' });

  await server.client.send(new DeleteObjectCommand({ Bucket, Key: 'b', VersionId }));
  await remove();
});

test('no client deletes a bucket that the stack needs', async () => {
  await expect(remove('bucket')).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(await names()).toContain('bucket');
});

test('the notification of a watched bucket names the queue; another bucket has none', async () => {
  const read = (name: string) => server.client.send(new GetBucketNotificationConfigurationCommand({ Bucket: name }));

  expect((await read('bucket')).QueueConfigurations).toEqual([
    {
      Id: 'autoswiftnet',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:autoswiftnet-uploads',
      Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
    },
  ]);
  expect((await read(Bucket)).QueueConfigurations).toBeUndefined();
  expect(codeOf(await server.send({ method: 'PUT', path: '/bucket?notification', body: '<x/>' }))).toBe(
    'NotImplemented',
  );
});
