import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteCommand, type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { readCheckpoint } from '../../../cli/export-records/checkpoint.ts';
import { ExportStateError } from '../../../cli/export-records/errors.ts';
import { exportRecords } from '../../../cli/export-records/export-records.ts';
import { labelRows } from '../../../functions/records/labels.ts';
import { IMAGE_SORT_KEY, imagePartition, labelRowSortKey } from '../../../functions/records/store.ts';
import { openTestTable, TABLE, type TestTable } from '../../functions/records/test-table.ts';
import { validRecord, validTombstone } from '../../functions/records/valid-record.ts';
import { jsonLines, runCli } from '../run-cli.ts';

const RECORDS = Array.from({ length: 60 }, (_, place) => validRecord({ key: `é ${place}.jpg` }));
const DAMAGED = { pk: 'IMAGE#pictures/damaged', sk: IMAGE_SORT_KEY, state: 'tagged' };

let table: TestTable;
let folder: string;
let output: string;

beforeAll(async () => {
  table = await openTestTable();
  const rows = RECORDS.flatMap((record) => labelRows(record));
  const tombstone = validTombstone({ key: 'deleted' });
  const items = [
    ...RECORDS.map((record) => ({ pk: imagePartition(record), sk: IMAGE_SORT_KEY, bucketShard: 'x#1', ...record })),
    ...rows.map((row) => ({ pk: imagePartition(row), sk: labelRowSortKey(row.rank), ...row })),
    { pk: imagePartition(tombstone), sk: IMAGE_SORT_KEY, ...tombstone },
    { pk: 'JOB#1', sk: 'JOB' },
    DAMAGED,
  ];
  for (let start = 0; start < items.length; start += 25) {
    const requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await table.client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: requests } }));
  }
});

afterAll(() => table.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-export-'));
  output = join(folder, 'records.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

/** Goes on with the export, in pages of four items. */
async function goOn(client: DynamoDBDocumentClient = table.client, name: string = TABLE) {
  const named: string[] = [];
  const progress: number[] = [];
  const exported = await exportRecords({
    client,
    table: name,
    output,
    begun: await readCheckpoint(output, name),
    pageItems: 4,
    onProgress: (items) => progress.push(items),
    onUnreadable: ({ message }) => named.push(message),
  });
  return { ...exported, named, progress };
}

/** Runs the command with the test's table. */
function runExport(...args: string[]) {
  const variables = {
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  return runCli(['export', '--region', 'us-east-1', '--output', 'records.jsonl', ...args], { cwd: folder, variables });
}

/** The same table, whose Scan fails at its `nth` call. */
function failingAt(nth: number): DynamoDBDocumentClient {
  let calls = 0;
  const send = (command: never) => {
    calls += (command as unknown) instanceof ScanCommand ? 1 : 0;
    return calls >= nth ? Promise.reject(new Error('the connection is lost')) : table.client.send(command);
  };
  return Object.assign(Object.create(table.client), { send });
}

async function exported() {
  const lines = jsonLines(await readFile(output, 'utf8')) as typeof RECORDS;
  return lines.sort(
    (one, other) => RECORDS.findIndex(({ key }) => key === one.key) - RECORDS.findIndex(({ key }) => key === other.key),
  );
}

test('every record is a line, and nothing else is; a damaged one is named', async () => {
  const { records, unreadable, named, progress } = await goOn();

  expect(records).toBe(RECORDS.length);
  expect(await exported()).toEqual(RECORDS);
  expect(unreadable).toBe(1);
  expect(named).toEqual([expect.stringMatching(/^table item IMAGE#pictures\/damaged is not a record/)]);
  expect(progress.at(-1)).toBeGreaterThan(RECORDS.length * 2);
  expect(await readdir(folder)).toEqual(['records.jsonl']);
});

test('an export that stops again and again has each record once', async () => {
  for (const nth of [1, 12, 12, 12]) {
    await expect(goOn(failingAt(nth))).rejects.toThrow('the connection is lost');
    // What a crash leaves behind: lines after the last checkpoint.
    await appendFile(output, '{"bucket":"pictures","key":"é 1.j');
  }
  const { records } = await goOn();

  expect(records).toBe(RECORDS.length);
  expect(await exported()).toEqual(RECORDS);
});

test('a record that could not be read is missing after a stop, too, and the command that ends the export says so', async () => {
  let isNamed = false;
  const send = (command: never) =>
    isNamed ? Promise.reject(new Error('the connection is lost')) : table.client.send(command);
  const stopping = exportRecords({
    ...{
      client: Object.assign(Object.create(table.client), { send }),
      table: TABLE,
      output,
      begun: null,
      pageItems: 4,
    },
    onProgress() {},
    onUnreadable() {
      isNamed = true;
    },
  });
  await expect(stopping).rejects.toThrow('the connection is lost');

  const { code, err } = await runExport('--table', TABLE);

  expect(err).not.toContain('is not a record');
  expect(err).toContain('60 records exported to records.jsonl; left out: 1 that could not be read\n');
  expect(code).toBe(1);
});

test('progress that says nothing of records that could not be read is that of an earlier version', async () => {
  await expect(goOn(failingAt(12))).rejects.toThrow('lost');
  const { unreadable: _, ...older } = JSON.parse(await readFile(`${output}.progress`, 'utf8'));
  await writeFile(`${output}.progress`, JSON.stringify(older));

  expect(await readCheckpoint(output, TABLE)).toEqual({ ...older, unreadable: 0 });
});

test('the progress of another table, a damaged one, and one without its output are refused', async () => {
  await expect(goOn(failingAt(12))).rejects.toThrow('lost');

  await expect(goOn(table.client, 'other')).rejects.toThrow(/an export of the table autoswiftnet, not other\. Give/);
  await writeFile(output, '');
  await expect(goOn()).rejects.toThrow(/progress says that .*records\.jsonl has \d+ bytes, and it has 0\. Give/);
  await writeFile(`${output}.progress`, '{');
  await expect(goOn()).rejects.toThrow(ExportStateError);
});

test('the command exports a table, keeps a finished file, and names a table that is not there', async () => {
  const missing = await runExport('--table', 'none');
  const first = await runExport('--table', TABLE);
  const again = await runExport('--table', TABLE);

  expect(missing).toMatchObject({ code: 1, err: expect.stringMatching(/ResourceNotFoundException/) });
  expect(first).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('60 records exported to records.jsonl'),
  });
  expect(first.err).toContain('table item IMAGE#pictures/damaged is not a record');
  expect(await exported()).toEqual(RECORDS);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('records.jsonl already exists.') });
});
