import { LABEL_SHARDS, labelRows, labelShards, rowChanges } from '../../../functions/records/labels.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const THRESHOLD = 0.1;

function prediction(rank: number, probability: number, label = `label ${rank}`) {
  return { rank, label, wnid: null, index: rank, probability };
}

test('ranks from 1 to 5 have rows while their probability is at least the threshold', () => {
  const exactly = validRecord({ predictions: [prediction(1, 0.5), prediction(2, 0.1), prediction(3, 0.0999)] });
  const many = validRecord({ predictions: [1, 2, 3, 4, 5, 6].map((rank) => prediction(rank, 0.15)) });

  expect(labelRows(exactly, THRESHOLD).map(({ rank, probability }) => [rank, probability])).toEqual([
    [1, 0.5],
    [2, 0.1],
  ]);
  expect(labelRows(many, THRESHOLD).map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
  expect(labelRows(many, 0.2)).toEqual([]);
});

test('a row carries what a search answers with, and the position of its record', () => {
  const record = validRecord({ versionId: 'v1', stage: 1 });
  const [row] = labelRows(record, THRESHOLD);

  expect(row).toEqual({
    labelShard: expect.stringMatching(/^tabby#[0-3]$/),
    probability: 0.7,
    rank: 1,
    label: 'tabby',
    bucket: 'pictures',
    key: 'holiday/a b.jpg',
    versionId: 'v1',
    model: 'resnet50_swsl',
    sequencer: record.sequencer,
    stage: 1,
  });
});

test('only tagged images are found by label', () => {
  expect(labelRows(null, THRESHOLD)).toEqual([]);
  expect(labelRows(validTombstone(), THRESHOLD)).toEqual([]);
  for (const state of ['rejected', 'failed'] as const) {
    expect(labelRows(validRecord({ state }), THRESHOLD)).toEqual([]);
  }
});

test('the shard depends on the key alone, and keys spread over all shards', () => {
  const shards = Array.from(
    { length: 400 },
    (_, index) => labelRows(validRecord({ key: `k${index}` }), 0.5)[0]?.labelShard,
  );
  const counts = labelShards('tabby').map((shard) => shards.filter((one) => one === shard).length);

  expect(labelShards('tabby')).toEqual(['tabby#0', 'tabby#1', 'tabby#2', 'tabby#3']);
  expect(counts.reduce((sum, count) => sum + count)).toBe(400);
  expect(Math.min(...counts)).toBeGreaterThan(400 / LABEL_SHARDS / 2);
  expect(labelRows(validRecord({ bucket: 'other' }), 0.5)[0]?.labelShard).toBe(
    labelRows(validRecord(), 0.5)[0]?.labelShard,
  );
});

test('a label that fits no index key has no row', () => {
  const predictions = [prediction(1, 0.5, 'é'.repeat(1024)), prediction(2, 0.3, 'é'.repeat(1023))];

  expect(labelRows(validRecord({ predictions }), THRESHOLD).map(({ rank }) => rank)).toEqual([2]);
});

describe('what changes', () => {
  const newer = validRecord({ sequencer: '06' });
  const older = validRecord({ sequencer: '05', predictions: [1, 2, 3].map((rank) => prediction(rank, 0.3)) });

  test('rows of an earlier record are replaced, and removed where there are fewer now', () => {
    const { put, remove } = rowChanges(newer, labelRows(older, THRESHOLD), THRESHOLD);

    expect(put.map(({ rank, label }) => [rank, label])).toEqual([
      [1, 'tabby'],
      [2, 'tiger cat'],
    ]);
    expect(remove.map(({ rank }) => rank)).toEqual([3]);
  });

  test('rows of a later record stay', () => {
    expect(rowChanges(older, labelRows(newer, THRESHOLD), THRESHOLD)).toEqual({
      put: labelRows(older, THRESHOLD).slice(2),
      remove: [],
    });
  });

  test('nothing if the rows exist already', () => {
    expect(rowChanges(newer, labelRows(newer, THRESHOLD), THRESHOLD)).toEqual({ put: [], remove: [] });
  });

  test('rows at the same position with other content are replaced: a backfill keeps the position', () => {
    const again = validRecord({ sequencer: '06', predictions: [prediction(1, 0.9, 'lynx')] });
    const { put, remove } = rowChanges(again, labelRows(newer, THRESHOLD), THRESHOLD);

    expect([put.map(({ label }) => label), remove.map(({ rank }) => rank)]).toEqual([['lynx'], [2]]);
  });

  test('a tombstone removes all', () => {
    const { put, remove } = rowChanges(validTombstone({ sequencer: '07' }), labelRows(newer, THRESHOLD), THRESHOLD);

    expect([put, remove.map(({ rank }) => rank)]).toEqual([[], [1, 2]]);
  });
});
