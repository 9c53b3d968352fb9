import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Stack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startPublishedStack } from '../published-stack.ts';
import { BUCKET, labelledTags, userS3 } from '../uploads.ts';
import { clientIn, hasAnyTool, testWith } from './tools.ts';
import { LARGE_INDEX, readTree, type Tree, writeTree } from './tree.ts';

const START_TIMEOUT_MS = 60_000;
const FILES = 300;
const PICTURE = join(import.meta.dirname, '../../../models/sample/images/daisy-1.jpg');

let folder: string;
let stack: Stack;
let s3: S3Client;
let endpoint: string;
let tree: Tree;

beforeAll(async () => {
  if (!hasAnyTool) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-clients-'));
  stack = await startPublishedStack({
    dataDir: join(folder, 'data'),
    packageDir: await ensureSamplePackage(join(folder, 'models')),
    port: 0,
    onReport: () => {},
  });
  endpoint = stack.health.endpoints.s3 ?? '';
  s3 = userS3(endpoint);
  tree = await writeTree(join(folder, 'tree'), FILES);
}, START_TIMEOUT_MS);

afterAll(async () => {
  s3?.destroy();
  await stack?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** What a client is asked to do with a bucket, an object or a folder. */
interface Client {
  make(bucket: string): Promise<unknown>;
  upload(folder: string, bucket: string): Promise<unknown>;
  /** @returns the number of objects that the client lists */
  count(bucket: string): Promise<number>;
  download(bucket: string, folder: string): Promise<unknown>;
  put(file: string, bucket: string, key: string): Promise<unknown>;
  move(bucket: string, from: string, to: string): Promise<unknown>;
  delete(bucket: string, key: string): Promise<unknown>;
  /** Deletes a bucket with all that is in it. */
  remove(bucket: string): Promise<unknown>;
}

/** The path of the file that was written with this index. */
function pathOf(index: number): string {
  return Object.keys(tree).find((path) => path.endsWith(`.${index}`)) ?? '';
}

async function keysOf(bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

async function isThere(key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
}

/** Lets a client do all of it in a bucket of its own, and then with a picture in the watched one. */
async function tryOut(client: Client, bucket: string): Promise<void> {
  const [large, tiny] = [pathOf(LARGE_INDEX), pathOf(42)];
  const back = join(folder, `${bucket}-back`);
  await mkdir(back);

  await client.make(bucket);
  await client.upload(join(folder, 'tree'), bucket);
  expect((await keysOf(bucket)).sort()).toEqual(Object.keys(tree).sort());
  expect(await client.count(bucket)).toBe(FILES);
  await client.download(bucket, back);
  expect(await readTree(back)).toEqual(tree);

  await client.move(bucket, large, 'moved to/größer +1.bin');
  await client.delete(bucket, tiny);
  const left = Object.keys(tree).filter((path) => path !== large && path !== tiny);
  expect((await keysOf(bucket)).sort()).toEqual([...left, 'moved to/größer +1.bin'].sort());
  await client.remove(bucket);
  await expect(keysOf(bucket)).rejects.toMatchObject({ name: 'NoSuchBucket' });

  const [first, second] = [`${bucket}/daisy 🌼+1.jpg`, `${bucket}/bewegt/ä.jpg`];
  await client.put(PICTURE, BUCKET, first);
  expect(await labelledTags(s3, first, 'daisy')).toMatchObject({ 'autoswiftnet:model': 'sample' });
  await client.move(BUCKET, first, second);
  expect(await labelledTags(s3, second, 'daisy')).toMatchObject({ 'autoswiftnet:model': 'sample' });
  expect(await isThere(first)).toBe(false);
  await client.delete(BUCKET, second);
  expect(await isThere(second)).toBe(false);
}

async function homeFor(tool: string): Promise<string> {
  const home = join(folder, `home-${tool}`);
  await mkdir(home);
  return home;
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '').length;

testWith('s3cmd', 's3cmd without a region: 300 files both ways, a move, a deletion, a tagged picture', async () => {
  const run = clientIn(await homeFor('s3cmd'));
  const { host } = new URL(endpoint);
  const s3cmd = (...parameters: string[]) =>
    run(
      's3cmd',
      '--access_key=anyone',
      '--secret_key=anything',
      '--no-ssl',
      `--host=${host}`,
      `--host-bucket=${host}`,
      '--no-progress',
      ...parameters,
    );

  await tryOut(
    {
      make: (bucket) => s3cmd('mb', `s3://${bucket}`),
      upload: (from, bucket) => s3cmd('sync', `${from}/`, `s3://${bucket}/`),
      count: async (bucket) => lines(await s3cmd('ls', '--recursive', `s3://${bucket}`)),
      download: (bucket, to) => s3cmd('sync', `s3://${bucket}/`, `${to}/`),
      put: (file, bucket, key) => s3cmd('put', file, `s3://${bucket}/${key}`),
      move: (bucket, from, to) => s3cmd('mv', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`),
      delete: (bucket, key) => s3cmd('del', `s3://${bucket}/${key}`),
      remove: (bucket) => s3cmd('rb', '--recursive', '--force', `s3://${bucket}`),
    },
    'by-s3cmd',
  );
  expect(await s3cmd('info', `s3://${BUCKET}`)).toContain('Location:  us-east-1');
});

testWith('rclone', 'rclone: 300 files both ways, a move, a deletion, a tagged picture', async () => {
  const run = clientIn(await homeFor('rclone'), {
    RCLONE_CONFIG_LOCAL_TYPE: 's3',
    RCLONE_CONFIG_LOCAL_PROVIDER: 'Other',
    RCLONE_CONFIG_LOCAL_ENDPOINT: endpoint,
    RCLONE_CONFIG_LOCAL_ACCESS_KEY_ID: 'anyone',
    RCLONE_CONFIG_LOCAL_SECRET_ACCESS_KEY: 'anything',
  });
  const rclone = (...parameters: string[]) => run('rclone', ...parameters);

  await tryOut(
    {
      make: (bucket) => rclone('mkdir', `local:${bucket}`),
      upload: (from, bucket) => rclone('sync', from, `local:${bucket}`),
      count: async (bucket) => lines(await rclone('lsf', '--recursive', '--files-only', `local:${bucket}`)),
      download: async (bucket, to) => {
        await rclone('sync', `local:${bucket}`, to);
        await rclone('check', `local:${bucket}`, to);
      },
      put: (file, bucket, key) => rclone('copyto', file, `local:${bucket}/${key}`),
      move: (bucket, from, to) =>
        rclone('moveto', '--s3-copy-cutoff', '10M', `local:${bucket}/${from}`, `local:${bucket}/${to}`),
      delete: (bucket, key) => rclone('deletefile', `local:${bucket}/${key}`),
      remove: (bucket) => rclone('purge', `local:${bucket}`),
    },
    'by-rclone',
  );
});

testWith('awscli', 'the AWS CLI: 300 files both ways, a move, a deletion, a tagged picture', async () => {
  const run = clientIn(await homeFor('aws'), { AWS_DEFAULT_REGION: 'us-east-1' });
  const aws = (...parameters: string[]) => run('aws', '--endpoint-url', endpoint, 's3', ...parameters);

  await tryOut(
    {
      make: (bucket) => aws('mb', `s3://${bucket}`),
      upload: (from, bucket) => aws('sync', from, `s3://${bucket}`, '--only-show-errors'),
      count: async (bucket) => lines(await aws('ls', '--recursive', `s3://${bucket}`)),
      download: (bucket, to) => aws('sync', `s3://${bucket}`, to, '--only-show-errors'),
      put: (file, bucket, key) => aws('cp', file, `s3://${bucket}/${key}`, '--only-show-errors'),
      move: (bucket, from, to) => aws('mv', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`),
      delete: (bucket, key) => aws('rm', `s3://${bucket}/${key}`),
      remove: (bucket) => aws('rb', '--force', `s3://${bucket}`),
    },
    'by-aws-cli',
  );
});

testWith('python3-boto3', 'boto3: 300 files both ways, a move, a deletion, a tagged picture', async () => {
  const run = clientIn(await homeFor('boto3'));
  const script = join(import.meta.dirname, 'boto3_client.py');
  const boto3 = (...parameters: string[]) => run('/usr/bin/python3', script, endpoint, ...parameters);

  await tryOut(
    {
      make: (bucket) => boto3('make', bucket),
      upload: (from, bucket) => boto3('upload', bucket, from),
      count: async (bucket) => {
        await boto3('describe', bucket, pathOf(3));
        const counts = (await boto3('list_keys', bucket)).trim().split('\n').map(Number);
        expect(counts).toEqual([FILES, FILES, FILES, FILES]);
        return FILES;
      },
      download: (bucket, to) => boto3('download', bucket, to),
      put: (file, bucket, key) => boto3('put', bucket, file, key),
      move: (bucket, from, to) => boto3('move', bucket, from, to),
      delete: (bucket, key) => boto3('delete', bucket, key, 'never there'),
      remove: (bucket) => boto3('remove', bucket),
    },
    'by-boto3',
  );
});
