import {
  DeleteObjectCommand,
  ListObjectsCommand,
  type ListObjectsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from '../local-server.ts';

const KEYS = ['a', 'a/1', 'a/2', 'a/b/3', 'b', 'c//d', 'd e+f%', '\uffee', '\u{1f600}'];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const { client } = server;
  for (const Key of [...KEYS, 'gone']) await client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'xy' }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await client.send(new DeleteObjectCommand({ Bucket: 'bucket', Key: 'gone' }));
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

/** Reads all pages as boto3 and s3cmd do: NextMarker, or else the last key, is the next marker. */
async function pages(input: Partial<ListObjectsCommandInput>): Promise<string[][]> {
  const found: string[][] = [];
  let Marker: string | undefined = input.Marker;
  for (;;) {
    const page = await server.client.send(new ListObjectsCommand({ Bucket: 'bucket', ...input, Marker }));
    const keys = (page.Contents ?? []).map(({ Key }) => `${Key}`);
    found.push([...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}…`), ...keys]);
    if (page.IsTruncated !== true) return found;
    Marker = page.NextMarker ?? keys.at(-1);
  }
}

test.each<[Partial<ListObjectsCommandInput>, string[][]]>([
  [{}, [KEYS]],
  [{ Prefix: 'a/' }, [['a/1', 'a/2', 'a/b/3']]],
  [{ Delimiter: '/' }, [['a/…', 'c/…', 'a', 'b', 'd e+f%', '\uffee', '\u{1f600}']]],
  [{ Prefix: 'a/', Delimiter: '/', MaxKeys: 2 }, [['a/1', 'a/2'], ['a/b/…']]],
  [
    { Marker: 'a/2', MaxKeys: 2 },
    [
      ['a/b/3', 'b'],
      ['c//d', 'd e+f%'],
      ['\uffee', '\u{1f600}'],
    ],
  ],
  [{ Delimiter: '/', MaxKeys: 1 }, [['a'], ['a/…'], ['b'], ['c/…'], ['d e+f%'], ['\uffee'], ['\u{1f600}']]],
  [{ Marker: 'a/1', Delimiter: '/' }, [['a/…', 'c/…', 'b', 'd e+f%', '\uffee', '\u{1f600}']]],
  [{ MaxKeys: 0 }, [[]]],
])('%j', async (input, expected) => {
  expect(await pages(input)).toEqual(expected);
});

test('a page that ends within a listing has NextMarker only with a delimiter', async () => {
  const list = (input: object) =>
    server.client.send(new ListObjectsCommand({ Bucket: 'bucket', MaxKeys: 2, ...input }));

  expect((await list({})).NextMarker).toBeUndefined();
  expect((await list({ Delimiter: '/' })).NextMarker).toBe('a/');
  expect((await list({ Delimiter: '/', Prefix: 'c' })).NextMarker).toBeUndefined();
});

test('an answer repeats the request, and describes each object with its owner', async () => {
  const page = await server.client.send(
    new ListObjectsCommand({ Bucket: 'bucket', Prefix: 'a', Marker: 'a/1', Delimiter: '-', MaxKeys: 1 }),
  );

  expect(page).toMatchObject({
    Name: 'bucket',
    Prefix: 'a',
    Marker: 'a/1',
    Delimiter: '-',
    MaxKeys: 1,
    Contents: [
      {
        Key: 'a/2',
        Size: 2,
        ETag: '"3e44107170a520582ade522fa73c1d15"',
        StorageClass: 'STANDARD',
        Owner: { ID: 'autoswiftnet' },
      },
    ],
  });
});

test('encoding-type=url encodes keys, prefixes, delimiter and markers', async () => {
  const { body } = await server.send({
    path: '/bucket?encoding-type=url&delimiter=%25&prefix=d%20&marker=%C3%BC&max-keys=1000',
  });
  expect(body).toContain('<Prefix>d%20</Prefix><Delimiter>%25</Delimiter><EncodingType>url</EncodingType>');
  expect(body).toContain('<Marker>%C3%BC</Marker>');

  const first = await server.send({ path: '/bucket?encoding-type=url&delimiter=%25&prefix=d%20&max-keys=1' });
  expect(first.body).toContain('<CommonPrefixes><Prefix>d%20e%2Bf%25</Prefix></CommonPrefixes>');
  const cut = await server.send({ path: '/bucket?encoding-type=url&delimiter=%2B&marker=b&max-keys=2' });
  expect(cut.body).toContain('<NextMarker>d%20e%2B</NextMarker>');
});

test.each([
  ['max-keys=-1', 'InvalidArgument'],
  ['max-keys=many', 'InvalidArgument'],
  ['encoding-type=xml', 'InvalidArgument'],
  ['marker=a&unknown', 'NotImplemented'],
])('%s is refused', async (query, code) => {
  expect(codeOf(await server.send({ path: `/bucket?${query}` }))).toBe(code);
});

test('more than 1,000 keys are never on one page', async () => {
  expect((await server.send({ path: '/bucket?max-keys=5000' })).body).toContain('<MaxKeys>1000</MaxKeys>');
});
