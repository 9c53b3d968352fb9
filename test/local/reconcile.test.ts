import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openJobStore } from '../../functions/records/job-store.ts';
import { rowChanges } from '../../functions/records/labels.ts';
import { toPosition } from '../../functions/records/position.ts';
import { type Entry, type ImageRecord, toTombstone } from '../../functions/records/record.ts';
import { openRecordStore, type StoredImage } from '../../functions/records/store.ts';
import { parseUploadEvents } from '../../functions/tag-upload/event.ts';
import type { UploadEvent } from '../../functions/tag-upload/upload-event.ts';
import { startDynamoDb } from '../../local/dynamodb.ts';
import { TABLE } from '../../local/names.ts';
import { missedMessages, readImages, readOpenJobs } from '../../local/reconcile.ts';
import type { ListedObject } from '../../local/s3/local-s3.ts';
import { validJob } from '../functions/records/valid-job.ts';

const BUCKET = 'uploads';
const INDEX_THRESHOLD = 0.1;
const SEQUENCER = '0193A5B4C1D20001';
const EARLIER = '0193A5B4C1D10000';
const LATER = '0193A5B4C1D30000';

function object(overrides: Partial<ListedObject> = {}): ListedObject {
  return {
    key: 'a b/+é.jpg',
    versionId: null,
    sequencer: SEQUENCER,
    eTag: 'e1',
    size: 10,
    lastModified: new Date(0),
    deleted: false,
    ...overrides,
  };
}

function record(overrides: Partial<ImageRecord> = {}): ImageRecord {
  return {
    bucket: BUCKET,
    key: object().key,
    versionId: null,
    ...toPosition(SEQUENCER, 0),
    eTag: 'e1',
    sha256: null,
    size: 10,
    lastModified: '2026-01-01T00:00:00.000Z',
    width: 1,
    height: 1,
    format: 'jpeg',
    model: 'sample',
    modelSha256: null,
    predictions: [{ rank: 1, label: 'daisy', wnid: null, index: 0, probability: 0.9 }],
    concepts: [],
    concept: null,
    state: 'tagged',
    rows: ['daisy'],
    reason: null,
    escalatedTo: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

function withRows(entry: Entry): StoredImage {
  return { entry, rows: rowChanges(entry, []).put };
}

async function missed(objects: ListedObject[], images: StoredImage[], hasHeavyModel = false): Promise<UploadEvent[]> {
  const byKey = new Map(images.map((image) => [image.entry?.key ?? image.rows[0]?.key ?? '', image]));
  const events: UploadEvent[] = [];
  for await (const body of missedMessages({
    bucket: BUCKET,
    objects,
    images: byKey,
    indexThreshold: INDEX_THRESHOLD,
    hasHeavyModel,
  })) {
    events.push(...parseUploadEvents(body));
  }
  return events;
}

const upload = {
  kind: 'created',
  name: { bucket: BUCKET, key: 'a b/+é.jpg' },
  versionId: null,
  eTag: 'e1',
  size: 10,
  sequencer: SEQUENCER,
  time: '1970-01-01T00:00:00.000Z',
};
const removal = {
  kind: 'lifecycle-expired',
  name: { bucket: BUCKET, key: 'a b/+é.jpg' },
  versionId: null,
  marker: false,
  sequencer: null,
};

test('an object whose record is finished is left alone', async () => {
  expect(await missed([object()], [withRows(record())])).toEqual([]);
  expect(await missed([object()], [withRows(record({ stage: 1 }))])).toEqual([]);
  expect(await missed([object()], [withRows(record({ state: 'rejected', predictions: [], rows: [] }))])).toEqual([]);
});

test.each<[string, StoredImage[]]>([
  ['without a record', []],
  ['with a failed record', [withRows(record({ state: 'failed', rows: [] }))]],
  ['with a record of another ETag', [withRows(record({ eTag: 'e0', ...toPosition(EARLIER, 0) }))]],
  ['with a record of the same bytes, uploaded before', [withRows(record(toPosition(EARLIER, 0)))]],
  ['with a tombstone', [withRows(toTombstone(upload.name, null, toPosition(EARLIER, 0), new Date(0)))]],
  ['whose label rows were not written any more', [{ entry: record(), rows: [] }]],
  ['with a record of an earlier version, which lists no rows', [withRows(record({ rows: null }))]],
  ['whose list is of another threshold', [withRows(record({ rows: [] }))]],
])('an object %s is queued with its own sequencer', async (_name, images) => {
  expect(await missed([object()], images)).toEqual([upload]);
});

test.each<[string, Entry]>([
  ['delete marker', toTombstone(upload.name, null, toPosition(LATER, 0), new Date(0))],
  ['newer version', record({ eTag: 'e2', ...toPosition(LATER, 0) })],
])('an object that is there again because a %s was removed is queued as by a backfill', async (_removed, entry) => {
  expect(await missed([object()], [withRows(entry)])).toEqual([
    { ...upload, eTag: null, size: null, sequencer: null, time: null },
  ]);
});

test('an object whose record is not in the index by time is queued as by a backfill, unless it needs more', async () => {
  const old = record({ lastModified: null });
  const backfilled = { ...upload, eTag: null, size: null, sequencer: null, time: null };

  expect(await missed([object()], [withRows(old)])).toEqual([backfilled]);
  expect(await missed([object()], [withRows({ ...old, state: 'failed' })])).toEqual([upload]);
  expect(await missed([object({ deleted: true })], [withRows(old)])).toMatchObject([{ kind: 'removed' }]);
});

test('an object of a versioned bucket is queued with its version', async () => {
  expect(await missed([object({ versionId: 'v7' })], [])).toEqual([{ ...upload, versionId: 'v7' }]);
});

test('a folder marker is queued only to replace a record', async () => {
  const marker = object({ key: 'folder/', size: 0, eTag: 'e0' });

  expect(await missed([marker], [])).toEqual([]);
  expect(await missed([marker], [withRows(record({ key: 'folder/' }))])).toMatchObject([
    { kind: 'created', name: { key: 'folder/' }, size: 0 },
  ]);
});

test('a record whose object is gone is queued as a removal without a sequencer', async () => {
  expect(await missed([], [withRows(record())])).toEqual([removal]);
  expect(await missed([], [withRows(record({ state: 'failed', rows: [] }))])).toEqual([removal]);
});

test('label rows without a record are queued for removal', async () => {
  const tombstone = toTombstone(upload.name, null, toPosition(LATER, 0), new Date(0));

  expect(await missed([], [{ entry: tombstone, rows: withRows(record()).rows }])).toEqual([removal]);
});

test('a tombstone needs nothing more', async () => {
  expect(await missed([], [withRows(toTombstone(upload.name, null, toPosition(LATER, 0), new Date(0)))])).toEqual([]);
});

test('a delete marker is queued as such if a record is still visible', async () => {
  const marker = object({ deleted: true, versionId: 'v8', sequencer: LATER, eTag: '', size: 0 });

  expect(await missed([marker], [withRows(record({ versionId: 'v7' }))])).toEqual([
    { kind: 'removed', name: upload.name, versionId: 'v8', marker: true, sequencer: LATER },
  ]);
  expect(await missed([marker], [])).toEqual([]);
});

async function withTable(act: (table: DynamoDBDocumentClient) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-reconcile-'));
  const { client, close } = await startDynamoDb({ dataDir });
  try {
    await act(DynamoDBDocumentClient.from(client));
  } finally {
    await close();
    await rm(dataDir, { recursive: true });
  }
}

test('the images of one bucket are read from the table, with their label rows', () =>
  withTable(async (table) => {
    const store = openRecordStore(table, TABLE);
    const [mine, others] = [record(), record({ bucket: 'other', key: 'x' })];
    for (const entry of [mine, others]) {
      await store.write(entry, { kind: 'unchanged', seen: null });
      await store.changeRows(entry, rowChanges(entry, []));
    }

    const images = await readImages(table, TABLE, BUCKET);

    expect([...images]).toEqual([[mine.key, withRows(mine)]]);
  }));

test('the whole table is read, beyond the megabyte that one answer holds', () =>
  withTable(async (table) => {
    const store = openRecordStore(table, TABLE);
    const jobs = openJobStore(table, TABLE);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const reason = { code: 'internal', message: 'x'.repeat(380_000) };
    for (const key of keys) {
      await store.write(record({ key, reason }), { kind: 'unchanged', seen: null });
      await jobs.create({ ...validJob({ id: key }), reason });
    }

    const images = await readImages(table, TABLE, BUCKET);
    const open = await readOpenJobs(table, TABLE, new Date(0));

    expect([...images.keys()].sort()).toEqual(keys);
    expect(open.map(({ id }) => id).sort()).toEqual(keys);
  }));

test('a record that waits for the heavy model is queued again if there is one', async () => {
  const asking = withRows(record({ escalatedTo: 'heavy' }));

  expect(await missed([object()], [asking], true)).toMatchObject([{ kind: 'created', name: upload.name }]);
  expect(await missed([object()], [asking], false)).toEqual([]);
  expect(await missed([object()], [withRows(record({ stage: 1 }))], true)).toEqual([]);
});
