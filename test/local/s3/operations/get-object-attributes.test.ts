import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  ObjectAttributes,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { codeOf, SIGNED, startTestServer, type TestServer } from '../local-server.ts';

const Bucket = 'bucket';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.client.send(
    new PutObjectCommand({ Bucket, Key: 'plain', Body: '0123456789', ChecksumAlgorithm: 'SHA256' }),
  );
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const attributes = (Key: string, names: ObjectAttributes[] = Object.values(ObjectAttributes)) =>
  server.client.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: names }));

test('all attributes of an object', async () => {
  expect(await attributes('plain')).toMatchObject({
    ETag: '781e5e245d69b566979b86e28d23f2c7',
    ObjectSize: 10,
    StorageClass: 'STANDARD',
    Checksum: { ChecksumSHA256: 'hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=', ChecksumType: 'FULL_OBJECT' },
    LastModified: expect.any(Date),
  });
  expect((await attributes('plain')).ObjectParts).toBeUndefined();
});

test('only those that were asked for', async () => {
  const { $metadata, LastModified, ...found } = await attributes('plain', ['ObjectSize']);

  expect(found).toEqual({ ObjectSize: 10 });
});

test('the number of parts, and the checksum of their checksums', async () => {
  const Key = 'parts';
  const { UploadId } = await server.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32' }),
  );
  const { ETag, ChecksumCRC32 } = await server.client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x', ChecksumAlgorithm: 'CRC32' }),
  );
  const Parts = [{ PartNumber: 1, ETag, ChecksumCRC32 }];
  await server.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

  expect(await attributes(Key)).toMatchObject({
    ObjectParts: { TotalPartsCount: 1 },
    Checksum: { ChecksumCRC32: expect.stringMatching(/-1$/), ChecksumType: 'COMPOSITE' },
  });
});

test.each([
  ['plain', '', 'InvalidArgument'],
  ['plain', 'ETag, toString', 'InvalidArgument'],
  ['nothing', 'ETag', 'NoSuchKey'],
])('attributes of %s with the header %j: %s', async (key, header, code) => {
  const headers = { ...SIGNED, 'x-amz-object-attributes': header };

  expect(codeOf(await server.send({ path: `/bucket/${key}?attributes`, headers }))).toBe(code);
});
