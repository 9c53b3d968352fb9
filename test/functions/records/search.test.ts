import fc from 'fast-check';
import type { RowPlace } from '../../../functions/records/label-shard.ts';
import { labelRows } from '../../../functions/records/labels.ts';
import type { Entry, ImageRecord } from '../../../functions/records/record.ts';
import { type FoundPage, MAX_PAGE_ROWS, searchByLabel } from '../../../functions/records/search.ts';
import { openRecordStore, type RecordStore } from '../../../functions/records/store.ts';
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
  return validRecord({ bucket: BUCKET, key, predictions, ...changes });
}

/** The entry, and the rows of a record; without one its own. */
async function put(entry: Entry, rowsOf: Entry = entry): Promise<void> {
  await store.write(entry, { kind: 'position', position: entry });
  await store.changeRows(entry, { put: labelRows(rowsOf, 0), remove: [] });
}

function search(label: string, limit: number, after: RowPlace | null = null, minProbability = 0): Promise<FoundPage> {
  return searchByLabel(table.client, TABLE, { bucket: BUCKET, label, minProbability, limit, after });
}

async function allPages(label: string, limit: number, minProbability = 0): Promise<FoundPage[]> {
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
    images: [{ record, rank: 2, probability: 0.25 }],
    next: null,
    reads: 2,
  });
});

test('a label that a model has twice finds its image once', async () => {
  const label = newLabel();
  await put(
    showing('cranes.jpg', label, 0.5, {
      predictions: [
        { rank: 1, label, wnid: 'n02012849', index: 134, probability: 0.5 },
        { rank: 2, label, wnid: 'n03126707', index: 517, probability: 0.3 },
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
  await store.changeRows(old('never.jpg'), { put: labelRows(old('never.jpg'), 0), remove: [] });
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
