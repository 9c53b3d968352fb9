import { once } from 'node:events';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { bucketShards } from '../../../functions/records/bucket-shards.ts';
import { holds, type WriteCondition } from '../../../functions/records/condition.ts';
import { StoredRecordError } from '../../../functions/records/errors.ts';
import { labelShards } from '../../../functions/records/label-shards.ts';
import { labelRows, rowChanges } from '../../../functions/records/labels.ts';
import { type Stage, toPosition } from '../../../functions/records/position.ts';
import type { Entry } from '../../../functions/records/record.ts';
import { imagePartition, openRecordStore, type RecordStore } from '../../../functions/records/store.ts';
import { createTableInput, TABLE_SCHEMA } from '../../../functions/records/table-schema.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const TABLE = 'autoswiftnet';
const server = dynalite({ createTableMs: 0 });
let client: DynamoDBDocumentClient;
let store: RecordStore;
let names = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('dynalite has no port');
  const database = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await database.send(new CreateTableCommand(createTableInput(TABLE)));
  client = DynamoDBDocumentClient.from(database);
  store = openRecordStore(client, TABLE);
});

afterAll(async () => {
  client?.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function newName() {
  names += 1;
  return { bucket: 'pictures', key: `image ${names}` };
}

test('a record comes back as it was written, without its keys', async () => {
  const record = validRecord(newName());

  expect(await store.write(record, { kind: 'unchanged', seen: null })).toBe(true);
  expect(await store.read(record)).toEqual({ entry: record, rows: [] });
  expect(await store.readRecord(record)).toEqual(record);
});

test('unknown facts are kept as null', async () => {
  const unknown = { eTag: null, sha256: null, size: null, width: null, height: null, format: null, modelSha256: null };
  const record = validRecord({ ...newName(), ...unknown, state: 'rejected', predictions: [] });
  await store.write(record, { kind: 'unchanged', seen: null });

  expect(await store.readRecord(record)).toEqual(record);
});

test('only a record with a time is in the index by time: no older record, and no tombstone', async () => {
  const indexed = async (bucket: string) => {
    const shards = bucketShards(bucket).map((shard) =>
      client.send(
        new QueryCommand({
          TableName: TABLE,
          IndexName: TABLE_SCHEMA.timeIndex.name,
          KeyConditionExpression: 'bucketShard = :shard',
          ExpressionAttributeValues: { ':shard': shard },
        }),
      ),
    );
    return (await Promise.all(shards)).flatMap(({ Items = [] }) => Items);
  };
  const name = { bucket: 'timed', key: 'a.jpg' };
  const record = validRecord({ ...name, sequencer: '2' });

  await store.write({ ...record, sequencer: '1', lastModified: null }, { kind: 'unchanged', seen: null });
  expect(await indexed('timed')).toEqual([]);
  await store.write(record, { kind: 'position', position: record });
  expect(await indexed('timed')).toEqual([
    {
      pk: imagePartition(name),
      sk: 'IMAGE',
      bucketShard: expect.stringMatching(/^timed#[0-3]$/),
      lastModified: record.lastModified,
    },
  ]);
  const tombstone = validTombstone({ ...name, sequencer: '3' });
  await store.write(tombstone, { kind: 'position', position: tombstone });
  expect(await indexed('timed')).toEqual([]);
});

test('readers see no tombstone', async () => {
  const tombstone = validTombstone(newName());
  await store.write(tombstone, { kind: 'position', position: tombstone });

  expect(await store.readRecord(tombstone)).toBeNull();
  expect((await store.read(tombstone)).entry).toEqual(tombstone);
});

test('a record takes the place of a tombstone altogether', async () => {
  const name = newName();
  await store.write(validTombstone(name), { kind: 'unchanged', seen: null });
  const record = validRecord({ ...name, sequencer: '0056' });
  await store.write(record, { kind: 'position', position: record });

  expect(await store.readRecord(name)).toEqual(record);
});

test('keys as long as S3 allows, and keys that look like paths, are ordinary', async () => {
  for (const key of ['é'.repeat(512), '../../x', 'a//b/', 'a#RANK#1']) {
    const record = validRecord({ bucket: 'pictures', key });
    await store.write(record, { kind: 'unchanged', seen: null });
    await store.changeRows(record, rowChanges(record, []));

    expect(await store.read(record)).toEqual({ entry: record, rows: labelRows(record) });
  }
});

test('images are found by label, the most probable last, and not after they are gone', async () => {
  const record = validRecord({
    ...newName(),
    predictions: [{ rank: 1, label: 'zebra', wnid: null, index: 1, probability: 0.4 }],
  });
  const rows = labelRows(record);
  const find = async () => {
    const found = await Promise.all(
      labelShards('zebra').map((shard) =>
        client.send(
          new QueryCommand({
            TableName: TABLE,
            IndexName: 'byLabel',
            KeyConditionExpression: 'labelShard = :shard AND probability >= :least',
            ExpressionAttributeValues: { ':shard': shard, ':least': 0.3 },
          }),
        ),
      ),
    );
    return found.flatMap(({ Items = [] }) => Items.map(({ key }) => key));
  };
  await store.changeRows(record, { put: rows, remove: [] });
  expect(await find()).toEqual([record.key]);

  await store.changeRows(validTombstone({ sequencer: '0056' }), { put: [], remove: rows });
  expect(await find()).toEqual([]);
});

test('a label row is replaced only by one at the same or a later position', async () => {
  const name = newName();
  const rowsAt = (sequencer: string, label: string) =>
    labelRows(
      validRecord({ ...name, sequencer, predictions: [{ rank: 1, label, wnid: null, index: 1, probability: 0.5 }] }),
    );
  const labels = async () => (await store.read(name)).rows.map(({ label }) => label);

  await store.changeRows(toPosition('05', 0), { put: rowsAt('05', 'first'), remove: [] });
  await store.changeRows(toPosition('04', 0), { put: rowsAt('04', 'older'), remove: [] });
  expect(await labels()).toEqual(['first']);
  await store.changeRows(toPosition('05', 0), { put: rowsAt('05', 'same'), remove: [] });
  expect(await labels()).toEqual(['same']);
  await store.changeRows(toPosition('06', 0), { put: rowsAt('06', 'newer'), remove: [] });
  await store.changeRows(toPosition('05', 1), { put: [], remove: rowsAt('05', 'same') });
  expect(await labels()).toEqual(['newer']);
  await store.changeRows(toPosition('06', 0), { put: [], remove: rowsAt('06', 'newer') });
  expect(await labels()).toEqual([]);
});

test.each([
  ['is not a record at all', { state: 'new' }],
  ['has a state that is never written', { ...validRecord(), state: 'pending' }],
])('an item that %s is a named error', async (_what, item) => {
  const name = newName();
  await client.send(
    new PutCommand({ TableName: TABLE, Item: { ...item, ...name, pk: imagePartition(name), sk: 'IMAGE' } }),
  );

  await expect(store.read(name)).rejects.toThrow(StoredRecordError);
});

describe('the table decides as the pure functions do', () => {
  const positions = [toPosition('04', 0), toPosition('05', 0), toPosition('05', 1), toPosition('0501', 0)];
  const stored = (position: { sequencer: string; stage: Stage }): Entry[] => [
    ...(['tagged', 'rejected', 'failed'] as const).map((state) => validRecord({ ...position, state })),
    validRecord({ ...position, eTag: null }),
    validRecord({ ...position, modelSha256: null }),
    validRecord({ ...position, modelSha256: 'c'.repeat(64) }),
    validRecord({ ...position, escalatedTo: 'heavy' }),
    validRecord({ ...position, versionId: 'v1' }),
    validTombstone(position),
    validTombstone({ ...position, versionId: 'v1' }),
  ];
  const entries: (Entry | null)[] = [
    null,
    ...stored(toPosition('05', 0)),
    ...stored(toPosition('05', 1)),
    validTombstone({ sequencer: '06' }),
  ];
  const conditions: WriteCondition[] = [
    ...positions.map((position) => ({ kind: 'position' as const, position })),
    ...positions.map((position) => ({ kind: 'answer' as const, position, eTag: validRecord().eTag })),
    ...positions.map((position) => ({ kind: 'answer' as const, position, eTag: 'other' })),
    ...entries.map((seen) => ({ kind: 'unchanged' as const, seen })),
  ];

  test.each(conditions.map((condition) => [JSON.stringify(condition).slice(0, 300), condition] as const))(
    '%s',
    async (_text, condition) => {
      const outcomes = await Promise.all(
        entries.map(async (entry) => {
          const name = newName();
          if (entry !== null) await store.write({ ...entry, ...name }, { kind: 'unchanged', seen: null });
          return store.write(validRecord({ ...name, sequencer: '09' }), condition);
        }),
      );

      expect(outcomes).toEqual(entries.map((entry) => holds(condition, entry)));
      expect(new Set(outcomes).size).toBe(2);
    },
  );
});
