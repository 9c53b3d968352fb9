import { toPosition } from '../../../functions/records/position.ts';
import {
  applies,
  entrySchema,
  isFinal,
  isSameVersion,
  isSameWrite,
  isSettled,
  RECORD_PREDICTIONS,
  TOMBSTONE_DAYS,
  toReason,
  toStoredPredictions,
  toTombstone,
} from '../../../functions/records/record.ts';
import { DEAD_LETTER_RETENTION_DAYS } from '../../../functions/tag-upload/queue.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const AT = { sequencer: '05', stage: 0 } as const;
const EARLIER = toPosition('04', 0);
const SAME = toPosition('0500', 0);
const LATER = toPosition('0501', 0);
const LATER_STAGE = toPosition('05', 1);

describe('a write applies', () => {
  test('where nothing is stored', () => {
    expect(applies(EARLIER, null)).toBe(true);
  });

  test.each([
    ['failed', true],
    ['tagged', false],
    ['rejected', false],
  ] as const)('over a %s record: later always, earlier never, at the same position %s', (state, atSame) => {
    const stored = validRecord({ ...AT, state });

    expect([EARLIER, SAME, LATER, LATER_STAGE].map((position) => applies(position, stored))).toEqual([
      false,
      atSame,
      true,
      true,
    ]);
  });

  test('over a tombstone only later', () => {
    expect([EARLIER, SAME, LATER].map((position) => applies(position, validTombstone(AT)))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

test('an event is done with only when the same or a later position is final', () => {
  const settled = (entry: Parameters<typeof isSettled>[1]) =>
    [EARLIER, SAME, LATER].map((position) => isSettled(position, entry));

  expect(settled(null)).toEqual([false, false, false]);
  expect(settled(validRecord({ ...AT, state: 'tagged' }))).toEqual([true, true, false]);
  expect(settled(validRecord({ ...AT, state: 'failed' }))).toEqual([false, false, false]);
  expect(settled(validTombstone(AT))).toEqual([true, true, false]);
});

test('tagged, rejected and deleted are final', () => {
  expect((['tagged', 'rejected', 'failed'] as const).map((state) => isFinal(validRecord({ state })))).toEqual([
    true,
    true,
    false,
  ]);
  expect(isFinal(validTombstone())).toBe(true);
});

test('a tombstone outlives every message that could bring the image back', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const { expiresAt, deletedAt } = toTombstone({ bucket: 'b', key: 'k' }, null, SAME, now);

  expect(expiresAt - now.getTime() / 1000).toBe(TOMBSTONE_DAYS * 86_400);
  expect(TOMBSTONE_DAYS).toBe(30);
  expect(TOMBSTONE_DAYS).toBeGreaterThan(2 * DEAD_LETTER_RETENTION_DAYS);
  expect(deletedAt).toBe('2026-11-24T12:00:00.000Z');
});

test('tombstones and records are told apart, and what is neither is refused', () => {
  expect(entrySchema.parse(validRecord())).toEqual(validRecord());
  expect(entrySchema.parse(validTombstone())).toEqual(validTombstone());
  // An image that waits has no record: `pending` is a word of the API's answers.
  for (const state of ['done', 'pending']) {
    expect(entrySchema.safeParse({ ...validRecord(), state }).success).toBe(false);
  }
});

test('the same write: position, version, state and content', () => {
  const record = validRecord();

  expect(isSameWrite(record, validRecord({ updatedAt: 'later' }))).toBe(true);
  expect(isSameWrite(null, null)).toBe(true);
  for (const other of [
    null,
    validTombstone(),
    validRecord({ eTag: 'other' }),
    validRecord({ state: 'failed' }),
    validRecord({ stage: 1 }),
    validRecord({ versionId: 'v2' }),
  ]) {
    expect(isSameWrite(record, other)).toBe(false);
  }
});

test('S3’s null version is the one of no versioning', () => {
  expect(isSameVersion(null, 'null')).toBe(true);
  expect(isSameVersion('v1', 'v1')).toBe(true);
  expect(isSameVersion('v1', null)).toBe(false);
});

test('a record keeps the top ten, in numbers and texts that the table can hold', () => {
  const predictions = Array.from({ length: 12 }, (_, index) => ({
    rank: index + 1,
    label: index === 0 ? 'half a pair \ud800' : `label ${index}`,
    wnid: null,
    index,
    probability: index === 1 ? 1e-300 : 0.05,
  }));
  const stored = toStoredPredictions(predictions);

  expect(RECORD_PREDICTIONS).toBe(10);
  expect(stored.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(stored[0]?.label).toBe('half a pair \ufffd');
  expect(stored[1]?.probability).toBe(0);
  expect(stored[2]?.probability).toBe(0.05);
});

test('a reason’s message is bounded', () => {
  expect(toReason('code', 'x'.repeat(5000)).message).toHaveLength(1000);
});
