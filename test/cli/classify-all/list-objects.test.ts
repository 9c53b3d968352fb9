import type { S3Client } from '@aws-sdk/client-s3';
import { listObjects } from '../../../cli/classify-all/list-objects.ts';
import { ServiceRefusedError } from '../../../cli/deployment/service-error.ts';
import { parseS3Uri } from '../../../cli/s3-uri.ts';
import { startTestServer } from '../../local/s3/local-server.ts';

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/a b/é%20?#', { bucket: 'bucket', prefix: 'a b/é%20?#' }],
  ['s3://bucket//a', { bucket: 'bucket', prefix: '/a' }],
  ['s3:///a', null],
  ['S3/a', null],
])('%s is the place %j', (text, place) => {
  expect(parseS3Uri(text)).toEqual(place);
});

test('images and keys without an ending are listed, over several pages; the rest is left out and counted', async () => {
  const pages = [
    [
      { Key: 'a/1.JPG', Size: 5 },
      { Key: 'a/', Size: 0 },
      { Key: 'a/2.txt', Size: 1 },
    ],
    [
      { Key: 'a/3', Size: 7, StorageClass: 'STANDARD' },
      { Key: 'a/4.png', Size: 8, StorageClass: 'DEEP_ARCHIVE' },
    ],
  ];
  const requests: unknown[] = [];
  const send = async ({ input }: { input: { ContinuationToken?: string } }) => {
    requests.push({ ...input });
    return input.ContinuationToken === undefined
      ? { Contents: pages[0], IsTruncated: true, NextContinuationToken: 'next' }
      : { Contents: pages[1], IsTruncated: false };
  };
  const client = Object.assign(Object.create((await import('@aws-sdk/client-s3')).S3Client.prototype), { send });
  const leftOut = { filesByEnding: new Map(), linksToFolders: 0 };

  const listed: unknown[] = [];
  for await (const item of listObjects(client as S3Client, { bucket: 'b', prefix: 'a/' }, leftOut)) listed.push(item);

  expect(listed).toEqual([
    { kind: 'object', uri: 's3://b/a/1.JPG', bucket: 'b', key: 'a/1.JPG', size: 5 },
    { kind: 'object', uri: 's3://b/a/3', bucket: 'b', key: 'a/3', size: 7 },
  ]);
  expect([...leftOut.filesByEnding]).toEqual([
    ['.txt', 1],
    ['archived', 1],
  ]);
  expect(requests).toMatchObject([
    { Bucket: 'b', Prefix: 'a/' },
    { Bucket: 'b', Prefix: 'a/', ContinuationToken: 'next' },
  ]);
});

test('a bucket that does not exist is named by the error of the service', async () => {
  const s3 = await startTestServer();
  const listing = listObjects(
    s3.client,
    { bucket: 'none', prefix: '' },
    { filesByEnding: new Map(), linksToFolders: 0 },
  );

  await expect(listing.next()).rejects.toThrow(ServiceRefusedError);
  await s3.close();
});
