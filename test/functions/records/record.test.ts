import { toPosition } from '../../../functions/records/position.ts';
import {
  entrySchema,
  hasFailed,
  isSameVersion,
  RECORD_PREDICTIONS,
  TOMBSTONE_DAYS,
  toReason,
  toStoredConcepts,
  toStoredPredictions,
  toTombstone,
} from '../../../functions/records/record.ts';
import { DEAD_LETTER_RETENTION_DAYS } from '../../../functions/tag-upload/queue.ts';
import { validRecord, validTombstone } from './valid-record.ts';

test('failed is the one state that is not final', () => {
  const states = ['tagged', 'rejected', 'failed'] as const;

  expect(states.map((state) => hasFailed(validRecord({ state })))).toEqual([false, false, true]);
  expect(hasFailed(validTombstone())).toBe(false);
});

test('a tombstone outlives every message that could bring the image back', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const { expiresAt, deletedAt } = toTombstone({ bucket: 'b', key: 'k' }, null, toPosition('05', 0), now);

  expect(expiresAt - now.getTime() / 1000).toBe(TOMBSTONE_DAYS * 86_400);
  expect(TOMBSTONE_DAYS).toBe(30);
  expect(TOMBSTONE_DAYS).toBeGreaterThan(2 * DEAD_LETTER_RETENTION_DAYS);
  expect(deletedAt).toBe('2026-11-24T12:00:00.000Z');
});

test('tombstones and records are distinguished, and anything else is refused', () => {
  expect(entrySchema.parse(validRecord())).toEqual(validRecord());
  expect(entrySchema.parse(validTombstone())).toEqual(validTombstone());
  // An image that waits has no record: `pending` is a word of the API's answers.
  for (const state of ['done', 'pending']) {
    expect(entrySchema.safeParse({ ...validRecord(), state }).success).toBe(false);
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

test('a record keeps the 40 most specific concepts, and the hedged one whatever its place', () => {
  const concepts = Array.from({ length: 50 }, (_, index) => ({ id: `c${index}`, label: 'x\ud800', probability: 1 }));
  const [last = null] = concepts.slice(-1);

  const stored = toStoredConcepts({ concepts, concept: last });

  expect(stored.concepts.map(({ id }) => id)).toEqual(concepts.slice(0, 40).map(({ id }) => id));
  expect(stored.concept).toEqual({ id: 'c49', label: 'x\ufffd', probability: 1 });
  expect(toStoredConcepts({ concepts: [], concept: null })).toEqual({ concepts: [], concept: null });
});

test('a record of an earlier version has no concepts', () => {
  const { concepts: _, concept: __, ...earlier } = validRecord();

  expect(entrySchema.parse(earlier)).toEqual({ ...earlier, concepts: [], concept: null });
});

test('a reason’s message is bounded', () => {
  expect(toReason('code', 'x'.repeat(5000)).message).toHaveLength(1000);
});
