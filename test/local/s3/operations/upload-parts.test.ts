import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../local-server.ts';

const PART_BYTES = 5 * 1024 * 1024;
const Bucket = 'bucket';
const Key = 'multi/part ü';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function begin(): Promise<string> {
  const { UploadId = '' } = await server.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'image/png', Metadata: { m: '1' }, Tagging: 't=1' }),
  );
  return UploadId;
}

async function part(
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array | string,
): Promise<{ PartNumber: number; ETag?: string | undefined }> {
  const { ETag } = await server.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag };
}

function complete(UploadId: string, Parts: { PartNumber: number; ETag?: string | undefined }[]): Promise<unknown> {
  return server.client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

async function dataFiles(): Promise<number> {
  const entries = await readdir(join(server.dataDir, 'buckets', Bucket, 'data'), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile()).length;
}

test("parts in any order become one object with the headers of the upload's start, even after a restart", async () => {
  const [first, second] = [Buffer.alloc(PART_BYTES, 'first'), Buffer.from('the end')];
  const id = await begin();
  const two = await part(id, 2, second);
  await part(id, 1, Buffer.alloc(PART_BYTES, 'replaced'));
  await part(id, 9, 'left out');
  server = await server.restart();
  const one = await part(id, 1, first);

  const answer = await complete(id, [one, two]);

  const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();
  const eTag = `${createHash('md5').update(md5(first)).update(md5(second)).digest('hex')}-2`;
  expect(answer).toMatchObject({ ETag: `"${eTag}"`, Key });
  const { Body, ContentType, Metadata } = await server.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(Buffer.concat([first, second]))).toBe(true);
  expect({ ContentType, Metadata }).toEqual({ ContentType: 'image/png', Metadata: { m: '1' } });
  expect((await server.client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([
    { Key: 't', Value: '1' },
  ]);
  const { Body: seam } = await server.client.send(
    new GetObjectCommand({ Bucket, Key, Range: `bytes=${PART_BYTES - 2}-${PART_BYTES + 2}` }),
  );
  expect(await seam?.transformToString()).toBe(`${first.subarray(-2).toString()}the`);
  expect(server.events.map(({ eventName, s3 }) => [eventName, s3.object.size, s3.object.eTag])).toEqual([
    ['ObjectCreated:CompleteMultipartUpload', PART_BYTES + 7, eTag],
  ]);
  expect(await dataFiles()).toBe(2);
  expect(await readdir(join(server.dataDir, 'buckets', Bucket, 'uploads'))).toEqual([]);
});

test('parts are listed by number, and an aborted upload leaves nothing', async () => {
  const id = await begin();
  for (const number of [3, 1, 2]) await part(id, number, `part ${number}`);

  const page = await server.client.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2 }));
  const rest = await server.client.send(
    new ListPartsCommand({ Bucket, Key, UploadId: id, PartNumberMarker: page.NextPartNumberMarker }),
  );
  await server.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }));

  expect([page.IsTruncated, page.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([true, [1, 2]]);
  expect([rest.IsTruncated, rest.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([false, [3]]);
  expect(await dataFiles()).toBe(0);
  await expect(part(id, 1, 'x')).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(complete(id, [{ PartNumber: 1, ETag: 'x' }])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('an upload is completed only if its parts exist, are in order and are large enough', async () => {
  const id = await begin();
  const one = await part(id, 1, 'small');
  const two = await part(id, 2, 'small');

  await expect(complete(id, [two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(id, [one, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(id, [{ ...one, ETag: '"other"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(id, [{ ...one, PartNumber: 5 }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(id, [one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(complete(id, [one])).resolves.toMatchObject({ Key });
});

test('parts can be copied from stored objects', async () => {
  await server.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789' }));
  const id = await begin();

  const { CopyPartResult } = await server.client.send(
    new UploadPartCopyCommand({
      Bucket,
      Key,
      UploadId: id,
      PartNumber: 1,
      CopySource: 'bucket/source',
      CopySourceRange: 'bytes=2-4',
    }),
  );
  await complete(id, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);

  const { Body } = await server.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(await Body?.transformToString()).toBe('234');
});
