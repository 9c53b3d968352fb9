import { type DynamoDBDocumentClient, GetCommand, type PutCommand } from '@aws-sdk/lib-dynamodb';
import { openLastRuns } from '../../../functions/dead-letters/last-runs.ts';
import { openTestTable, TABLE, type TestTable } from '../records/test-table.ts';

let table: TestTable;

beforeAll(async () => {
  table = await openTestTable();
});

afterAll(() => table.close());

/** A client whose calls take place, but whose first answers are lost. */
function losingAnswers(count: number): DynamoDBDocumentClient {
  let left = count;
  const send = async (command: PutCommand) => {
    const answer = await table.client.send(command).catch((error: Error) => error);
    left -= 1;
    if (left >= 0) throw new Error('socket hang up');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

test('a message begins once, unless that is taken back', async () => {
  const lastRuns = openLastRuns(table.client, TABLE);

  expect([await lastRuns.begin('a', '1'), await lastRuns.begin('b', '2'), await lastRuns.begin('a', '3')]).toEqual([
    true,
    true,
    false,
  ]);
  await lastRuns.cancel('a', '1');
  expect([await lastRuns.begin('a', '4'), await lastRuns.begin('b', '5')]).toEqual([true, false]);
});

test('a write that the client repeats, because its answer was lost, recognizes its own', async () => {
  const lastRuns = openLastRuns(table.client, TABLE);

  expect([await lastRuns.begin('repeated', '1'), await lastRuns.begin('repeated', '1')]).toEqual([true, true]);
});

test('a run takes back no other', async () => {
  const lastRuns = openLastRuns(table.client, TABLE);
  await lastRuns.begin('kept', '1');

  await lastRuns.cancel('kept', '2');
  await lastRuns.cancel('never begun', '3');

  expect(await lastRuns.begin('kept', '4')).toBe(false);
});

test('taking it back is tried again for 15 seconds', async () => {
  const waits: number[] = [];
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  const open = (lost: number) => openLastRuns(losingAnswers(lost), TABLE, { wait });

  await open(4).cancel('c', '1');
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  await expect(open(5).cancel('c', '1')).rejects.toThrow('socket hang up');
});

test('what is known of a message expires when no queue can hold it any more', async () => {
  const lastRuns = openLastRuns(table.client, TABLE, { now: () => new Date('2026-11-26T12:00:00Z') });

  await lastRuns.begin('d', '1');

  const { Item } = await table.client.send(
    new GetCommand({ TableName: TABLE, Key: { pk: 'DEAD_LETTER#d', sk: 'LAST_RUN' } }),
  );
  expect(Item).toEqual({
    pk: 'DEAD_LETTER#d',
    sk: 'LAST_RUN',
    run: '1',
    expiresAt: new Date('2026-12-10T12:00:00Z').getTime() / 1000,
  });
});
