import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { countInventory } from '../../../cli/backfill/count-inventory.ts';
import { countObjects } from '../../../cli/backfill/count-objects.ts';
import { InventoryError } from '../../../cli/backfill/errors.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';

const SCHEMA = 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, StorageClass';
const ALL = {
  bucket: 'bucket',
  watched: [{ bucket: 'bucket', prefix: '', suffix: '' }],
  ...{ prefix: '', suffix: '', minBytes: 0, maxBytes: null },
};
const MANIFEST = 'all/2026-11-25T01-00Z/manifest.json';
const INVENTORY = { kind: 'inventory', bucket: 'bucket', manifestKey: MANIFEST } as const;

let s3: TestServer;

beforeAll(async () => {
  s3 = await startTestServer();
});

afterAll(() => s3.close());

function put(Key: string, Body: string | Uint8Array) {
  return s3.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }));
}

/** A row as S3 writes it. */
function row(
  key: string,
  { isLatest = true, isDeleteMarker = false, size = 10, storageClass = 'STANDARD' } = {},
): string {
  return `"bucket","${key}","v1","${isLatest}","${isDeleteMarker}","${isDeleteMarker ? '' : size}","${storageClass}"\n`;
}

async function putInventory(files: readonly (readonly string[])[], changes: object = {}): Promise<void> {
  const listed: { key: string; size: number }[] = [];
  for (const [place, rows] of files.entries()) {
    const [key, body] = [`all/data/${place}.csv.gz`, gzipSync(rows.join(''))];
    await put(key, body);
    listed.push({ key, size: body.length });
  }
  await put(
    MANIFEST,
    JSON.stringify({ sourceBucket: 'bucket', fileFormat: 'CSV', fileSchema: SCHEMA, files: listed, ...changes }),
  );
}

test('below a prefix the objects are listed, and those that are left out are counted by why', async () => {
  for (const [key, bytes] of [
    ['2024/a.jpg', 20],
    ['2024/b.jpg', 5],
    ['2024/c.png', 20],
    ['2024/', 0],
    ['2023/d.jpg', 20],
  ] as const) {
    await put(key, Buffer.alloc(bytes));
  }
  const filter = { prefix: '2024/', suffix: '.jpg', minBytes: 10, maxBytes: 20 };

  const count = await countObjects({
    ...{ ...ALL, s3: s3.client, region: 'us-east-1', source: { kind: 'listing' } },
    ...filter,
  });

  expect(count).toEqual({
    ...{ objects: 1, listed: 4, source: 'listed', isApproximate: false },
    leftOut: new Map([['of other names or sizes', 3]]),
  });
});

test('what is not watched of the bucket is left out, in a listing and in an inventory', async () => {
  await putInventory([[row('2024%2Fa.jpg'), row('2024%2Fc.png'), row('2023%2Fd.jpg')]]);
  const watched = [
    { bucket: 'bucket', prefix: '2024/', suffix: '.jpg' },
    { bucket: 'another', prefix: '', suffix: '' },
  ];

  const request = { ...ALL, s3: s3.client, region: 'us-east-1', watched };
  const listed = await countObjects({ ...request, source: { kind: 'listing' } });
  const inventoried = await countObjects({ ...request, source: INVENTORY });

  expect(listed).toMatchObject({ objects: 2, isApproximate: false, source: 'listed' });
  expect(inventoried).toMatchObject({ objects: 1, leftOut: new Map([['of other names or sizes', 2]]) });
});

test('of an inventory only latest versions outside of archives count, with decoded keys', async () => {
  await putInventory([
    [
      row('a+b%2Fc%2B%C3%A9.jpg'),
      row('a+b%2Fold.jpg', { isLatest: false }),
      row('a+b%2Fgone.jpg', { isDeleteMarker: true }),
    ],
    [row('a+b%2Fcold.jpg', { storageClass: 'DEEP_ARCHIVE' }), row('other.jpg'), row('a+b%2F', { size: 0 })],
  ]);

  const count = await countInventory(s3.client, INVENTORY, { ...ALL, prefix: 'a b/', suffix: 'é.jpg' });
  const all = await countInventory(s3.client, INVENTORY, ALL);

  expect(count).toMatchObject({ objects: 1, listed: null, isApproximate: false });
  expect(count.source).toBe(`the inventory s3://bucket/${MANIFEST}`);
  expect(all.objects).toBe(2);
  expect(all.leftOut).toEqual(
    new Map([
      ['older versions and delete markers', 2],
      ['in archives', 1],
      ['folder markers', 1],
    ]),
  );
});

test('of a large inventory the first files are read, and the rest is extrapolated', async () => {
  const files = Array.from({ length: 4 }, (_, file) =>
    Array.from({ length: 50 }, (__, place) => row(`${file}${place}.jpg`)),
  );
  await putInventory(files);

  const count = await countInventory(s3.client, INVENTORY, ALL, 1);

  expect(count.isApproximate).toBe(true);
  expect(count.objects).toBeGreaterThan(180);
  expect(count.objects).toBeLessThan(220);
});

test.each([
  ['no JSON', () => put(MANIFEST, 'x'), /is not the manifest of an S3 Inventory in CSV: .*Give the address/],
  ['ORC', () => putInventory([], { fileFormat: 'ORC' }), /CSV; a backfill reads no ORC and no Parquet/],
  ['another bucket', () => putInventory([], { sourceBucket: 'other' }), /of the bucket other\. Give one of bucket/],
  ['no sizes', () => putInventory([], { fileSchema: 'Bucket, Key' }), /lacks the columns Size, StorageClass\. Add/],
  [
    'a file that is not compressed',
    async () => {
      await putInventory([[row('a.jpg')]]);
      await put('all/data/0.csv.gz', row('a.jpg'));
    },
    /^s3:\/\/bucket\/all\/data\/0\.csv\.gz of the inventory cannot be read: incorrect header check/,
  ],
])('an inventory with %s is an error that names it', async (_what, make, message) => {
  await make();

  const counting = countInventory(s3.client, INVENTORY, ALL);

  await expect(counting).rejects.toThrow(InventoryError);
  await expect(counting).rejects.toThrow(message);
});
