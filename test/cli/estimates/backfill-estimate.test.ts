import { MOST_RECORDED_PER_SECOND } from '../../../cli/estimates/aws-limits.ts';
import { estimateBackfill } from '../../../cli/estimates/backfill-estimate.ts';
import { price } from '../../../cli/estimates/cost.ts';

const MILLION = { images: 1_000_000, listed: 2_000_000, concurrency: 10 };

test('a backfill costs what uploads cost, with batches in place of the queue', () => {
  const { costs, usd, usdPerMonth } = estimateBackfill(MILLION);

  const usdOf = (name: string) => costs.find(({ what }) => what === name)?.usd;
  expect(usdOf('Lambda, compute at 1769 MB')).toBeCloseTo(65.8 * 0.023034, 2);
  expect(usdOf('SQS')).toBeUndefined();
  // 2,000 batches of 500: four transitions and two PUTs each; 2,000 LIST.
  expect(usdOf('Step Functions')).toBeCloseTo(8_000 * 0.000025, 9);
  expect(usdOf('S3, listing and results')).toBeCloseTo(6_000 * 0.000005, 9);
  expect(usdOf('writing tags')).toBeCloseTo(5.4);
  expect(usdPerMonth).toBeCloseTo(1.95);
  expect(usd).toBeCloseTo(costs.reduce((total, cost) => total + cost.usd, 0) - usdPerMonth, 9);
});

test('without tags there is nothing to write and nothing to keep, but one HEAD', () => {
  const tagged = estimateBackfill(MILLION);
  const untagged = estimateBackfill({ ...MILLION, tagsPerImage: 0 });

  expect(untagged.usdPerMonth).toBe(0);
  expect(tagged.usd - untagged.usd).toBeCloseTo(5.4 - 1_000_000 * price('s3Get'), 6);
});

test('an inventory is not listed, and more memory costs more', () => {
  const listed = estimateBackfill(MILLION);

  expect(listed.usd - estimateBackfill({ ...MILLION, listed: null }).usd).toBeCloseTo(2_000 * price('s3Put'), 9);
  expect(estimateBackfill({ ...MILLION, memoryMb: 2 * 1769 }).usd - listed.usd).toBeCloseTo(65.8 * 0.023034, 2);
});

test('it takes as long as so many batches at once need, and at least what the table takes', () => {
  expect(estimateBackfill(MILLION).seconds).toBeCloseTo((1_000_000 * 0.0658) / 10, 3);
  expect(estimateBackfill({ ...MILLION, concurrency: 1_000 }).imagesPerSecond).toBe(MOST_RECORDED_PER_SECOND);
});

test('nothing to do costs nothing', () => {
  expect(estimateBackfill({ images: 0, listed: 0, concurrency: 2 })).toMatchObject({
    usd: 0,
    usdPerMonth: 0,
    seconds: 0,
  });
});
