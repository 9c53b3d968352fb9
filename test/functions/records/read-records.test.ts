import type { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TableBusyError } from '../../../functions/records/errors.ts';
import { readRecords } from '../../../functions/records/read-records.ts';
import { validRecord } from './valid-record.ts';

const RECORD = validRecord();
const OTHER = { ...RECORD, key: `${RECORD.key} 2` };

/** A table with two records. It leaves out all items of the first requests, `busy` of them. */
function busyTable(busy: number) {
  const asked: number[] = [];
  const send = async ({ input }: BatchGetCommand) => {
    const keys = input.RequestItems?.['table']?.Keys ?? [];
    asked.push(keys.length);
    const isBusy = asked.length <= busy;
    const stored = [RECORD, OTHER].filter(({ key }) => keys.some(({ pk }) => pk.endsWith(`/${key}`)));
    return {
      Responses: { table: isBusy ? [] : stored },
      UnprocessedKeys: isBusy ? { table: { Keys: keys } } : {},
    };
  };
  return { client: { send } as unknown as DynamoDBDocumentClient, asked };
}

test('items that a busy table leaves out are asked for again', async () => {
  const { client, asked } = busyTable(1);
  const records = await readRecords(client, 'table', [RECORD, OTHER]);

  expect([...records.keys()]).toEqual([RECORD.key, OTHER.key]);
  expect(asked).toEqual([2, 2]);
});

test('a table that stays busy is an error of its own, and no item is blamed', async () => {
  const { client } = busyTable(Number.POSITIVE_INFINITY);
  const reading = readRecords(client, 'table', [RECORD, OTHER]);

  await expect(reading).rejects.toThrow(TableBusyError);
  await expect(reading).rejects.toThrow(/^the table is busy: 2 of 2 records could not be read in 6 attempts\./);
});
