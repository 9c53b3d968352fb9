import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { labelRows } from '../../../functions/records/labels.ts';
import type { SearchSource } from '../../../functions/records/match-row.ts';
import type { RowPlace } from '../../../functions/records/open-label-shard.ts';
import { type Entry, type ImageRecord, isTombstone } from '../../../functions/records/record.ts';
import { withRowList } from '../../../functions/records/row-list.ts';
import { type FoundPage, MAX_PAGE_LOOKS, MAX_PAGE_ROWS, searchByLabel } from '../../../functions/records/search.ts';
import {
  IMAGE_SORT_KEY,
  imagePartition,
  labelRowSortKey,
  openRecordStore,
  type RecordStore,
} from '../../../functions/records/store.ts';
import { openTestTable, TABLE, type TestTable } from './test-table.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const SEED = 20_261_125;
const BUCKET = 'pictures';

let table: TestTable;
let store: RecordStore;
let labels = 0;

beforeAll(async () => {
  table = await openTestTable();
  store = openRecordStore(table.client, TABLE);
});

afterAll(() => table.close());

/** Nobody else's in this file. */
function newLabel(): string {
  labels += 1;
  return `label ${labels}`;
}

function showing(key: string, label: string, probability: number, changes: Partial<ImageRecord> = {}): ImageRecord {
  const predictions = [{ rank: 1, label, wnid: null, index: 1, probability }];
  return withList(validRecord({ bucket: BUCKET, key, predictions, concepts: [], ...changes }));
}

/** With rows for all its labels and search concepts, however improbable. */
function withList(record: ImageRecord): ImageRecord {
  const listed = withRowList(record, 0);
  if (isTombstone(listed)) throw new TypeError('expected a record');
  return listed;
}

/** The entry, and the rows of a record; without one its own. */
async function put(entry: Entry, rowsOf: Entry = entry): Promise<void> {
  await store.write(entry, { kind: 'position', position: entry });
  await store.changeRows(entry, { put: labelRows(rowsOf), remove: [] });
}

/** A source for each id. */
function all(...ids: string[]): SearchSource[] {
  return ids.map((id) => ({ id, within: null }));
}

function search(
  found: string | SearchSource[],
  limit: number,
  after: RowPlace | null = null,
  minProbability = 0,
): Promise<FoundPage> {
  const sources = typeof found === 'string' ? all(found) : found;
  return searchByLabel(table.client, TABLE, { bucket: BUCKET, sources, minProbability, limit, after });
}

async function allPages(label: string | SearchSource[], limit: number, minProbability = 0): Promise<FoundPage[]> {
  const pages: FoundPage[] = [];
  for (let after: RowPlace | null = null; ; ) {
    const page = await search(label, limit, after, minProbability);
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

const keysOf = ({ images }: FoundPage) => images.map(({ record }) => record.key);

test('pages of any length hold every image once, the most probable first, in the same order, and read little more than they return', async () => {
  // Few different probabilities, so that many are equal; 0 and neighbours among them.
  const probability = fc.constantFrom(0, 1e-100, 0.1, 0.1 + 2 ** -56, 0.25, 0.5, 0.9999999999999999, 1);
  const images = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), probability), {
    selector: ([key]) => key,
    maxLength: 70,
  });
  const run = fc.asyncProperty(images, fc.integer({ min: 1, max: 30 }), probability, async (drawn, limit, least) => {
    const label = newLabel();
    // Half a surrogate pair is no key.
    const wanted = drawn.map(([key, share]) => [`${label}/${Buffer.from(key)}`, share] as const);
    for (const [key, share] of wanted) await put(showing(key, label, share));

    const pages = await allPages(label, limit, least);
    const again = await allPages(label, limit + 7, least);

    const found = pages.flatMap(({ images: some }) => some.map(({ record, probability: p }) => [record.key, p]));
    const expected = [...new Map(wanted)].filter(([, share]) => share >= least);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(found).toHaveLength(expected.length);
    expect(found.map(([, share]) => share)).toEqual(expected.map(([, share]) => share).sort((a, b) => b - a));
    expect(again.flatMap(keysOf)).toEqual(pages.flatMap(keysOf));
    for (const page of pages) expect(page.reads).toBeLessThanOrEqual(2 * page.images.length + 4 * MAX_PAGE_ROWS);
  });
  await fc.assert(run, { seed: SEED, numRuns: 25 });
});

test('the whole record comes with the label by which it was found', async () => {
  const label = newLabel();
  const record = showing('found.jpg', 'other', 0.6, {
    predictions: [
      { rank: 1, label: 'other', wnid: null, index: 1, probability: 0.6 },
      { rank: 2, label, wnid: null, index: 2, probability: 0.25 },
    ],
  });
  await put(record);

  expect(await search(label, 10)).toEqual({
    images: [{ record, label, rank: 2, probability: 0.25 }],
    next: null,
    reads: 2,
  });
});

test('a label that a model has twice finds its image once', async () => {
  const label = newLabel();
  await put(
    showing('cranes.jpg', label, 0.5, {
      predictions: [
        { rank: 1, label, wnid: null, index: 134, probability: 0.5 },
        { rank: 2, label, wnid: null, index: 517, probability: 0.3 },
      ],
    }),
  );

  expect((await search(label, 10)).images.map(({ rank }) => rank)).toEqual([1]);
});

test('out-of-date rows find nothing: older content, no content, a deleted object, another bucket', async () => {
  const label = newLabel();
  const old = (key: string) => showing(key, label, 0.9, { sequencer: '1' });
  await put(showing('new.jpg', 'another', 0.9, { sequencer: '2' }), old('new.jpg'));
  await put(
    validRecord({ bucket: BUCKET, key: 'bad.jpg', sequencer: '2', state: 'rejected', predictions: [] }),
    old('bad.jpg'),
  );
  await put(validTombstone({ bucket: BUCKET, key: 'gone.jpg', sequencer: '2' }), old('gone.jpg'));
  await store.changeRows(old('never.jpg'), { put: labelRows(old('never.jpg')), remove: [] });
  await put(showing('elsewhere.jpg', label, 0.9, { bucket: 'others' }));
  await put(showing('right.jpg', label, 0.2));

  const pages = await allPages(label, 1);

  expect(pages.flatMap(keysOf)).toEqual(['right.jpg']);
});

test('bounds that the table could not hold are as good as others', async () => {
  const label = newLabel();
  await put(showing(`${label}/a`, label, 0.5));
  await put(showing(`${label}/b`, label, 0));

  expect(keysOf(await search(label, 10, null, 5e-324))).toEqual([`${label}/a`]);
  for (const shard of [0, 1, 2, 3]) {
    const after = { probability: 5e-324, shard, key: 'c', rank: 1 };
    expect(keysOf(await search(label, 10, after))).not.toContain(`${label}/a`);
  }
});

test.each([
  ['of 2,046 bytes', 'ü'.repeat(1023), 1],
  ['of 2,047 bytes, which with its shard is more than a key of the index may have', `${'ü'.repeat(1023)}x`, 0],
])('a label %s is searched for where it can be', async (_name, label, count) => {
  await put(showing('long.jpg', label, 0.5));

  expect((await search(label, 10)).images).toHaveLength(count);
});

test('a label that no image has gives one empty page', async () => {
  expect(await search(newLabel(), 50)).toEqual({ images: [], next: null, reads: 0 });
});

test('an image that is added in the middle does not disturb the pages that follow', async () => {
  const label = newLabel();
  for (const [index, share] of [0.9, 0.8, 0.7, 0.6].entries()) await put(showing(`${label}/${index}`, label, share));
  const first = await search(label, 2);
  await put(showing(`${label}/late`, label, 0.95));

  const second = await search(label, 2, first.next);

  expect([...keysOf(first), ...keysOf(second)]).toEqual([0, 1, 2, 3].map((index) => `${label}/${index}`));
});

const DOG = 'n02084071';
const FOX = 'n02118333';

/** A picture that shows a dog so probably, and these breeds and others. */
function dog(key: string, probability: number, changes: Partial<ImageRecord> = {}): ImageRecord {
  const concepts = [{ id: DOG, label: 'dog', probability }];
  return showing(key, `breed of ${key}`, probability / 2, { concepts, ...changes });
}

test('a search concept finds what shows it, by its own probability; several sources find each image once', async () => {
  const [first, second] = [newLabel(), newLabel()];
  const key = (name: string) => `${first}/${name}`;
  const both = { concepts: [{ id: FOX, label: 'fox', probability: 0.9 }] };
  await put(showing(key('fox.jpg'), first, 0.5, both));
  await put(showing(key('cub.jpg'), second, 0.7));
  await put(showing(key('equal.jpg'), second, 0.4, { concepts: [{ id: FOX, label: 'fox', probability: 0.4 }] }));

  for (const limit of [1, 2, 10]) {
    const pages = await allPages(all(first, FOX, second), limit);
    const found = pages.flatMap(({ images }) =>
      images.map(({ record, label, rank, probability }) => [record.key, label, rank, probability]),
    );
    expect(found).toEqual([
      [key('fox.jpg'), 'fox', null, 0.9],
      [key('cub.jpg'), second, 1, 0.7],
      [key('equal.jpg'), 'fox', null, 0.4],
    ]);
  }
});

test('out-of-date rows of a concept find nothing: older content, no content, a deleted object, another list', async () => {
  const { images: before } = await search(DOG, 50);
  const old = (key: string) => dog(key, 0.9, { sequencer: '1' });
  await put(showing('dog/new.jpg', newLabel(), 0.9, { sequencer: '2' }), old('dog/new.jpg'));
  await put(
    validRecord({ bucket: BUCKET, key: 'dog/bad.jpg', sequencer: '2', state: 'rejected', predictions: [] }),
    old('dog/bad.jpg'),
  );
  await put(validTombstone({ bucket: BUCKET, key: 'dog/gone.jpg', sequencer: '2' }), old('dog/gone.jpg'));
  await put(dog('dog/moved.jpg', 0.6), dog('dog/moved.jpg', 0.9));
  await put({ ...dog('dog/unlisted.jpg', 0.8), rows: [] }, dog('dog/unlisted.jpg', 0.8));
  await put(dog('dog/right.jpg', 0.2));

  expect(before).toEqual([]);
  expect((await allPages(all(DOG), 1)).flatMap(keysOf)).toEqual(['dog/right.jpg']);
});

test('a concept below a search concept is looked for among the images of that one', async () => {
  const terrier = (probability: number) => ({
    concepts: [
      { id: 'n02092468', label: 'terrier', probability },
      { id: 'n02087122', label: 'hunting dog', probability },
      { id: FOX, label: 'fox', probability: 0.95 },
    ],
  });
  await put(showing('terrier/less.jpg', newLabel(), 0.1, terrier(0.3)));
  await put(showing('terrier/more.jpg', newLabel(), 0.1, terrier(0.6)));
  await put(showing('terrier/none.jpg', newLabel(), 0.1, { concepts: [{ id: FOX, label: 'fox', probability: 0.97 }] }));
  const within = [{ id: FOX, within: ['n02092468', 'n02093056'] }];

  const { images, next } = await search(within, 10);

  expect(images.map(({ record, label, rank, probability }) => [record.key, label, rank, probability])).toEqual([
    [images[0]?.record.key, 'terrier', null, images[0]?.probability],
    [images[1]?.record.key, 'terrier', null, images[1]?.probability],
  ]);
  expect(images.map(({ probability }) => probability).sort()).toEqual([0.3, 0.6]);
  expect(next).toBeNull();
  expect(keysOf(await search(within, 10, null, 0.5))).toEqual(['terrier/more.jpg']);
  expect((await allPages(within, 1)).flatMap(keysOf)).toEqual(keysOf({ images, next, reads: 0 }));
});

test('a page ends after many rows that do not count, and the next one goes on', async () => {
  const label = newLabel();
  const count = MAX_PAGE_LOOKS + 20;
  const records = Array.from({ length: count }, (_, index) =>
    showing(`${label}/${index}`, label, 0.5 + index / 1e4, {
      concepts: index === 0 ? [{ id: 'wanted', label: 'wanted', probability: 0.4 }] : [],
    }),
  );
  const items = records.flatMap((record) => {
    const pk = imagePartition(record);
    const rows = labelRows(record).map((row) => ({ pk, sk: labelRowSortKey(row.rank), ...row }));
    return [{ pk, sk: IMAGE_SORT_KEY, ...record }, ...rows];
  });
  for (let start = 0; start < items.length; start += 25) {
    const Requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
    await table.client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: Requests } }));
  }

  const pages = await allPages([{ id: label, within: ['wanted'] }], 5);

  expect(pages.map(keysOf)).toEqual([[], [`${label}/0`]]);
});

test('records of an earlier version are found by their rows under the labels themselves', async () => {
  const label = newLabel();
  const record = {
    ...showing(`${label}/old.jpg`, label, 0.5, {
      predictions: [
        { rank: 1, label, wnid: 'n02012849', index: 134, probability: 0.5 },
        { rank: 2, label, wnid: 'n03126707', index: 517, probability: 0.3 },
      ],
    }),
    rows: null,
  };
  await put(record);

  expect((await search(all('n02012849', label), 10)).images).toEqual([{ record, label, rank: 1, probability: 0.5 }]);
});
