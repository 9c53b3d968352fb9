import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { labelRows } from '../../functions/records/labels.ts';
import { listNewest } from '../../functions/records/newest.ts';
import { openRecordStore } from '../../functions/records/store.ts';
import { createTableInput, TABLE_SCHEMA } from '../../functions/records/table-schema.ts';
import { localDynamoDb } from '../../local/clients.ts';
import { startDynamoDb } from '../../local/dynamodb.ts';
import { listen } from '../../local/listen.ts';
import { TABLE } from '../../local/names.ts';
import { validRecord, validTombstone } from '../functions/records/valid-record.ts';

let folder: string;
/** A table without the index by time, as an earlier version made it. It is copied for each test. */
let original: string;
let items: unknown;
let dataDir: string;

async function allItems(table: DynamoDBDocumentClient): Promise<unknown> {
  const { Items = [] } = await table.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
  const keyOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
  return Items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

async function makeOriginal(): Promise<void> {
  const server = dynalite({ path: original, createTableMs: 0 });
  const client = localDynamoDb(`http://127.0.0.1:${await listen(server, 0)}`);
  const { AttributeDefinitions, GlobalSecondaryIndexes, ...input } = createTableInput(TABLE);
  const isNew = (name: string) => ['bucketShard', 'lastModified'].includes(name);
  await client.send(
    new CreateTableCommand({
      ...input,
      AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) => !isNew(AttributeName)),
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.filter(
        ({ IndexName }) => IndexName !== TABLE_SCHEMA.timeIndex.name,
      ),
    }),
  );
  const table = DynamoDBDocumentClient.from(client);
  const store = openRecordStore(table, TABLE);
  // More than fit into one batch of writes.
  for (let number = 0; number < 30; number++) {
    const record = validRecord({ key: `image-${number}`, lastModified: null });
    await store.write(record, { kind: 'unchanged', seen: null });
    await store.changeRows(record, { put: labelRows(record), remove: [] });
  }
  await store.write(validTombstone({ key: 'gone' }), { kind: 'unchanged', seen: null });
  await table.send(
    new PutCommand({ TableName: TABLE, Item: { pk: 'JOB#1', sk: 'JOB', binary: Buffer.from([0, 255]) } }),
  );
  items = await allItems(table);
  client.destroy();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-rebuild-'));
  original = join(folder, 'original');
  await makeOriginal();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(folder, 'test-')), 'dynamodb');
});

/** Starts on the folder; the table must then have all items, and its new index must work. */
async function expectRebuilt(): Promise<number> {
  let rebuilds = 0;
  const { client, close } = await startDynamoDb({ dataDir, onRebuild: () => (rebuilds += 1) });
  const table = DynamoDBDocumentClient.from(client);

  expect(await allItems(table)).toEqual(items);
  const record = validRecord({ key: 'new' });
  await openRecordStore(table, TABLE).write(record, { kind: 'unchanged', seen: null });
  const { records } = await listNewest(table, TABLE, { bucket: record.bucket, limit: 5, after: null });
  expect(records).toEqual([record]);
  await close();
  expect(await readdir(join(dataDir, '..'))).toEqual(['dynamodb']);
  return rebuilds;
}

test('a table of an earlier version gets the index once, and keeps every item', async () => {
  await cp(original, dataDir, { recursive: true });

  expect(await expectRebuilt()).toBe(1);
  const { close } = await startDynamoDb({ dataDir, onRebuild: () => expect('a second time').toBe('never') });
  await close();
});

test('a copy that was interrupted is made anew', async () => {
  await cp(original, dataDir, { recursive: true });
  const { close } = await startDynamoDb({ dataDir: `${dataDir}.new` });
  await close();

  expect(await expectRebuilt()).toBe(1);
});

test('the old table is put back if the new one was not in its place yet', async () => {
  await cp(original, `${dataDir}.old`, { recursive: true });
  const { close } = await startDynamoDb({ dataDir: `${dataDir}.new` });
  await close();

  expect(await expectRebuilt()).toBe(1);
});

test('the old table is removed if the new one is in its place', async () => {
  await cp(original, dataDir, { recursive: true });
  await (await startDynamoDb({ dataDir })).close();
  await cp(original, `${dataDir}.old`, { recursive: true });

  expect(await expectRebuilt()).toBe(0);
});
