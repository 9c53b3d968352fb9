import { ListObjectsV2Command, type ListObjectsV2CommandInput, PutObjectCommand } from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from '../local-server.ts';

const KEYS = ['a', 'a/1', 'a/2', 'a/b/3', 'b', 'c//d', 'd e+f%', '\uffee', '\u{1f600}'];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  for (const Key of [...KEYS].reverse())
    await server.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

async function pages(input: Partial<ListObjectsV2CommandInput>): Promise<string[][]> {
  const found: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: {
      Contents?: { Key?: string | undefined }[] | undefined;
      CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
      NextContinuationToken?: string | undefined;
    } = await server.client.send(new ListObjectsV2Command({ Bucket: 'bucket', ...input, ContinuationToken }));
    found.push([
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}…`),
      ...(page.Contents ?? []).map(({ Key }) => `${Key}`),
    ]);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

test('keys come in the order of their UTF-8 bytes', async () => {
  expect(await pages({})).toEqual([KEYS]);
});

test.each<[Partial<ListObjectsV2CommandInput>, string[][]]>([
  [{ Prefix: 'a/' }, [['a/1', 'a/2', 'a/b/3']]],
  [{ Prefix: 'zz' }, [[]]],
  [{ Delimiter: '/' }, [['a/…', 'c/…', 'a', 'b', 'd e+f%', '\uffee', '\u{1f600}']]],
  [{ Prefix: 'a/', Delimiter: '/' }, [['a/b/…', 'a/1', 'a/2']]],
  [
    { StartAfter: 'a/2', MaxKeys: 2 },
    [
      ['a/b/3', 'b'],
      ['c//d', 'd e+f%'],
      ['\uffee', '\u{1f600}'],
    ],
  ],
  [{ Delimiter: '/', MaxKeys: 1, StartAfter: 'a' }, [['a/…'], ['b'], ['c/…'], ['d e+f%'], ['\uffee'], ['\u{1f600}']]],
  [{ MaxKeys: 0 }, [[]]],
  [{ Prefix: 'd e+', EncodingType: 'url' }, [['d%20e%2Bf%25']]],
])('%j', async (input, expected) => {
  expect(await pages(input)).toEqual(expected);
});

test('the owner is told on request', async () => {
  const list = (FetchOwner: boolean) =>
    server.client.send(new ListObjectsV2Command({ Bucket: 'bucket', MaxKeys: 1, FetchOwner }));

  expect((await list(true)).Contents?.[0]?.Owner?.ID).toBe('autoswiftnet');
  expect((await list(false)).Contents?.[0]?.Owner).toBeUndefined();
});

test.each([
  ['list-type=2&max-keys=-1', 'InvalidArgument'],
  ['list-type=2&continuation-token=zzz', 'InvalidArgument'],
  ['list-type=2&encoding-type=xml', 'InvalidArgument'],
  ['list-type=1', 'InvalidArgument'],
])('%s is refused', async (query, code) => {
  expect(codeOf(await server.send({ path: `/bucket?${query}` }))).toBe(code);
});
