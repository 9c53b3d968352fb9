import { countItems, type ItemResult, itemCountsSchema } from '../../../functions/backfill/item-result.ts';

test('results are counted by outcome, and failures and rejections by the code of their reason', () => {
  const reason = (code: string) => ({ code, message: 'text' });
  const results: ItemResult[] = [
    { key: 'a', outcome: 'tagged', reason: null },
    { key: 'b', outcome: 'rejected', reason: reason('not-an-image') },
    { key: 'c', outcome: 'rejected', reason: reason('not-an-image') },
    { key: 'd', outcome: 'failed', reason: reason('internal') },
    { key: 'e', outcome: 'already-answered', reason: null },
  ];

  const counts = countItems(results);

  expect(counts).toEqual({
    items: {
      tagged: 1,
      rejected: 2,
      failed: 1,
      'already-answered': 1,
      forwarded: 0,
      gone: 0,
      superseded: 0,
      archived: 0,
      filtered: 0,
      'folder-marker': 0,
      'not-latest': 0,
    },
    failures: { internal: 1 },
    rejections: { 'not-an-image': 2 },
  });
  expect(itemCountsSchema.parse(counts)).toEqual(counts);
});
