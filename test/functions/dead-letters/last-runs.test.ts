import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { openLastRuns } from '../../../functions/dead-letters/last-runs.ts';
import { openTestTable, TABLE, type TestTable } from '../records/test-table.ts';

let table: TestTable;

beforeAll(async () => {
  table = await openTestTable();
});

afterAll(() => table.close());

test('a message begins once, unless that is taken back', async () => {
  const lastRuns = openLastRuns(table.client, TABLE);

  expect([await lastRuns.begin('a'), await lastRuns.begin('b'), await lastRuns.begin('a')]).toEqual([
    true,
    true,
    false,
  ]);
  await lastRuns.cancel('a');
  expect([await lastRuns.begin('a'), await lastRuns.begin('b')]).toEqual([true, false]);
});

test('what is known of a message expires when no queue can hold it any more', async () => {
  const lastRuns = openLastRuns(table.client, TABLE, () => new Date('2026-11-26T12:00:00Z'));

  await lastRuns.begin('c');

  const { Item } = await table.client.send(
    new GetCommand({ TableName: TABLE, Key: { pk: 'DEAD_LETTER#c', sk: 'LAST_RUN' } }),
  );
  expect(Item).toEqual({
    pk: 'DEAD_LETTER#c',
    sk: 'LAST_RUN',
    expiresAt: new Date('2026-12-10T12:00:00Z').getTime() / 1000,
  });
});
