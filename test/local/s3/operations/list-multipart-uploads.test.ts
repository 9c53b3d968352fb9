import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
} from '@aws-sdk/client-s3';
import { codeOf, startTestServer, type TestServer } from '../local-server.ts';

const Bucket = 'bucket';

let server: TestServer;
let uploads: { key: string; id: string }[];

beforeAll(async () => {
  server = await startTestServer();
  uploads = [];
  for (const key of ['ü/2', 'b', 'a/1', 'a/1', 'a/1', 'a/2']) {
    const { UploadId = '' } = await server.client.send(new CreateMultipartUploadCommand({ Bucket, Key: key }));
    uploads.push({ key, id: UploadId });
  }
  uploads.sort((x, y) => (x.key + x.id < y.key + y.id ? -1 : 1));
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const list = (input: Partial<ListMultipartUploadsCommandInput> = {}) =>
  server.client.send(new ListMultipartUploadsCommand({ Bucket, ...input }));

async function all(input: Partial<ListMultipartUploadsCommandInput>): Promise<string[]> {
  const found: string[] = [];
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await list({ ...input, ...markers });
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}`));
    found.push(...(page.Uploads ?? []).map(({ Key, UploadId }) => `${Key} ${UploadId}`));
    if (page.IsTruncated !== true) return found;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

test('uploads in progress are listed by key and id, on pages of any size', async () => {
  const expected = uploads.map(({ key, id }) => `${key} ${id}`);

  for (const MaxUploads of [1, 2, 3, 1000]) expect(await all({ MaxUploads })).toEqual(expected);
});

test('a prefix selects, and a delimiter groups', async () => {
  expect(await all({ Prefix: 'a/2' })).toEqual(
    uploads.filter(({ key }) => key === 'a/2').map((u) => `${u.key} ${u.id}`),
  );
  const [b] = uploads.filter(({ key }) => key === 'b');
  expect(await all({ Delimiter: '/', MaxUploads: 1 })).toEqual(['a/', `b ${b?.id}`, 'ü/']);
});

test('a key marker alone leaves out the whole key', async () => {
  const { Uploads = [] } = await list({ KeyMarker: 'a/1' });

  expect(Uploads.map(({ Key }) => Key)).toEqual(['a/2', 'b', 'ü/2']);
});

test('an upload is described, with its keys encoded on request', async () => {
  const { Uploads = [], Bucket: name } = await list({ Prefix: 'b' });
  expect(name).toBe('bucket');
  expect(Uploads).toEqual([
    {
      Key: 'b',
      UploadId: expect.any(String),
      Initiated: expect.any(Date),
      StorageClass: 'STANDARD',
      Owner: { ID: 'autoswiftnet', DisplayName: 'autoswiftnet' },
      Initiator: { ID: 'autoswiftnet', DisplayName: 'autoswiftnet' },
    },
  ]);
  expect((await list({ Prefix: 'ü', EncodingType: 'url' })).Uploads?.[0]?.Key).toBe('%C3%BC/2');
});

test('an upload that was aborted is not listed', async () => {
  const { UploadId } = await server.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'z' }));
  expect(await all({ Prefix: 'z' })).toEqual([`z ${UploadId}`]);

  await server.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'z', UploadId }));
  expect(await all({ Prefix: 'z' })).toEqual([]);
});

test('a wrong limit is refused', async () => {
  expect(codeOf(await server.send({ path: '/bucket?uploads&max-uploads=-1' }))).toBe('InvalidArgument');
});
