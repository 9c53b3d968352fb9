import { LABEL_SHARDS, labelShards } from '../../../functions/records/label-shards.ts';
import { labelRows, rowChanges } from '../../../functions/records/labels.ts';
import { validRecord, validTombstone } from './valid-record.ts';

function prediction(rank: number, probability: number, label = `label ${rank}`) {
  return { rank, label, wnid: null, index: rank, probability };
}

test('a row carries what a search answers with, and the position of its record', () => {
  const record = validRecord({ versionId: 'v1', stage: 1 });
  const [row] = labelRows(record);

  expect(row).toEqual({
    labelShard: expect.stringMatching(/^n02123045#[0-3]$/),
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

test('a search concept has a row like a label, and none has a rank twice', () => {
  const record = validRecord({ concepts: [{ id: 'n02121620', label: 'cat', probability: 0.95 }] });

  expect(
    labelRows(record).map(({ labelShard, rank, label, probability }) => [labelShard, rank, label, probability]),
  ).toEqual([
    [expect.stringMatching(/^n02121620#[0-3]$/), 1, 'cat', 0.95],
    [expect.stringMatching(/^n02123045#[0-3]$/), 2, 'tabby', 0.7],
    [expect.stringMatching(/^n02123159#[0-3]$/), 3, 'tiger cat', 0.2],
  ]);
});

test('a tombstone has no rows', () => {
  expect(labelRows(validTombstone())).toEqual([]);
});

test('the shard depends on the key alone, and keys spread over all shards', () => {
  const shards = Array.from({ length: 400 }, (_, index) => labelRows(validRecord({ key: `k${index}` }))[0]?.labelShard);
  const counts = labelShards('n02123045').map((shard) => shards.filter((one) => one === shard).length);

  expect(labelShards('tabby')).toEqual(['tabby#0', 'tabby#1', 'tabby#2', 'tabby#3']);
  expect(counts.reduce((sum, count) => sum + count)).toBe(400);
  expect(Math.min(...counts)).toBeGreaterThan(400 / LABEL_SHARDS / 2);
  expect(labelRows(validRecord({ bucket: 'other' }))[0]?.labelShard).toBe(labelRows(validRecord())[0]?.labelShard);
});

describe('what changes', () => {
  const newer = validRecord({ sequencer: '06' });
  const older = validRecord({ sequencer: '05', predictions: [1, 2, 3].map((rank) => prediction(rank, 0.3)) });

  test('rows of an earlier record are replaced, and removed where there are fewer now', () => {
    const { put, remove } = rowChanges(newer, labelRows(older));

    expect(put.map(({ rank, label }) => [rank, label])).toEqual([
      [1, 'tabby'],
      [2, 'tiger cat'],
    ]);
    expect(remove.map(({ rank }) => rank)).toEqual([3]);
  });

  test('rows of a later record stay', () => {
    expect(rowChanges(older, labelRows(newer))).toEqual({
      put: labelRows(older).slice(2),
      remove: [],
    });
  });

  test('nothing if the rows exist already', () => {
    expect(rowChanges(newer, labelRows(newer))).toEqual({ put: [], remove: [] });
  });

  test('rows at the same position with other content are replaced: a backfill keeps the position', () => {
    const again = validRecord({ sequencer: '06', predictions: [prediction(1, 0.9, 'lynx')] });
    const { put, remove } = rowChanges(again, labelRows(newer));

    expect([put.map(({ label }) => label), remove.map(({ rank }) => rank)]).toEqual([['lynx'], [2]]);
  });

  test('nothing where the record of an earlier version has no list', () => {
    const legacy = validRecord({ sequencer: '06', rows: null });

    expect(rowChanges(legacy, [])).toEqual({ put: [], remove: [] });
    expect(rowChanges(legacy, labelRows(older))).toEqual({ put: [], remove: [] });
  });

  test('a tombstone removes all', () => {
    const { put, remove } = rowChanges(validTombstone({ sequencer: '07' }), labelRows(newer));

    expect([put, remove.map(({ rank }) => rank)]).toEqual([[], [1, 2]]);
  });
});
