import fc from 'fast-check';
import { listNewest, MAX_SHARD_ROWS, type NewestPage, type TimePlace } from '../../../functions/records/newest.ts';
import { openRecordStore, type RecordStore } from '../../../functions/records/store.ts';
import { openTestTable, TABLE, type TestTable } from './test-table.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const SEED = 20_261_126;

let table: TestTable;
let store: RecordStore;
let buckets = 0;

beforeAll(async () => {
  table = await openTestTable();
  store = openRecordStore(table.client, TABLE);
});

afterAll(() => table.close());

/** Nobody else's in this file. */
function newBucket(): string {
  buckets += 1;
  return `bucket-${buckets}`;
}

const timeOf = (second: number) => new Date(Date.UTC(2026, 10, 26) + second * 1000).toISOString();

async function put(bucket: string, key: string, second: number, sequencer = '1'): Promise<void> {
  const record = validRecord({ bucket, key, lastModified: timeOf(second), sequencer });
  await store.write(record, { kind: 'position', position: record });
}

async function allPages(bucket: string, limit: number): Promise<NewestPage[]> {
  const pages: NewestPage[] = [];
  for (let after: TimePlace | null = null; ; ) {
    const page = await listNewest(table.client, TABLE, { bucket, limit, after });
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

const keysOf = ({ records }: NewestPage) => records.map(({ key }) => key);

test('pages of any length hold every image once, the newest first, in the same order, and read little more than they return', async () => {
  // Few seconds, so that many times are equal.
  const images = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 9 })), {
    selector: ([key]) => Buffer.from(key).toString(),
    maxLength: 70,
  });
  const run = fc.asyncProperty(images, fc.integer({ min: 1, max: 30 }), async (drawn, limit) => {
    const bucket = newBucket();
    // Half a surrogate pair is no key.
    const wanted = drawn.map(([key, second]) => [Buffer.from(key).toString(), second] as const);
    for (const [key, second] of wanted) await put(bucket, key, second);

    const pages = await allPages(bucket, limit);
    const again = await allPages(bucket, limit + 7);

    const found = pages.flatMap(({ records }) => records.map(({ key, lastModified }) => [key, lastModified]));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted.map(([key, second]) => [key, timeOf(second)])));
    expect(found).toHaveLength(wanted.length);
    expect(found.map(([, time]) => time)).toEqual(
      wanted.map(([, second]) => timeOf(second)).sort((a, b) => (a < b ? 1 : -1)),
    );
    expect(again.flatMap(keysOf)).toEqual(pages.flatMap(keysOf));
    for (const { records, reads } of pages) {
      expect(reads).toBeLessThanOrEqual(2 * records.length + 4 * Math.min(limit, MAX_SHARD_ROWS));
    }
  });
  await fc.assert(run, { seed: SEED, numRuns: 25 });
});

test('an image that was replaced moves to the front, and one that was deleted is not listed any more', async () => {
  const bucket = newBucket();
  for (const second of [1, 2, 3]) await put(bucket, `image-${second}`, second);
  await put(bucket, 'image-1', 4, '2');
  const tombstone = validTombstone({ bucket, key: 'image-2', sequencer: '2' });
  await store.write(tombstone, { kind: 'position', position: tombstone });
  await put(bucket, 'image-3', 9, '0');

  expect((await allPages(bucket, 50)).flatMap(keysOf)).toEqual(['image-1', 'image-3']);
});

test('a row of the index that differs from its record does not count', async () => {
  const bucket = newBucket();
  await put(bucket, 'a.jpg', 1);
  await put(bucket, 'b.jpg', 2);
  // The index follows the table later: here the record is replaced once its row was read.
  const client = table.client;
  let isReplaced = false;
  const late = new Proxy(client, {
    get: (target, name) =>
      name === 'send'
        ? async (command: Parameters<typeof client.send>[0]) => {
            if (!isReplaced && command.constructor.name === 'BatchGetCommand') {
              isReplaced = true;
              await put(bucket, 'b.jpg', 3, '2');
            }
            return target.send(command);
          }
        : Reflect.get(target, name),
  });

  const page = await listNewest(late, TABLE, { bucket, limit: 1, after: null });

  expect(keysOf(page)).toEqual(['a.jpg']);
  expect((await allPages(bucket, 50)).flatMap(keysOf)).toEqual(['b.jpg', 'a.jpg']);
});

test('buckets that share a table do not see each other’s images', async () => {
  const [one, other] = [newBucket(), newBucket()];
  await put(one, 'a.jpg', 1);
  await put(other, 'b.jpg', 2);

  expect((await allPages(one, 50)).flatMap(keysOf)).toEqual(['a.jpg']);
});

test('an image that comes in the middle does not disturb the pages that follow', async () => {
  const bucket = newBucket();
  for (const second of [1, 2, 3, 4]) await put(bucket, `image-${second}`, second);
  const first = await listNewest(table.client, TABLE, { bucket, limit: 2, after: null });
  await put(bucket, 'image-5', 5);

  const second = await listNewest(table.client, TABLE, { bucket, limit: 2, after: first.next });

  expect([...keysOf(first), ...keysOf(second)]).toEqual(['image-4', 'image-3', 'image-2', 'image-1']);
});
