import { duration } from '../duration.ts';
import type { BackfillEstimate } from '../estimates/backfill-estimate.ts';
import { dollars } from '../estimates/cost.ts';
import { answeredUsd } from '../estimates/image-costs.ts';
import { COLLECTED, REGION } from '../estimates/list-prices.ts';
import { MEASURED_MODEL } from '../estimates/measured.ts';
import { numberText } from '../number-text.ts';
import { oneLine } from '../report-error.ts';
import { table } from '../table.ts';
import type { ObjectCount } from './object-count.ts';

const MILLION = 1_000_000;

/** Says how many objects there are, what they cost, and how long they take. */
export function estimateText(
  bucket: string,
  { objects, source, isApproximate, leftOut }: ObjectCount,
  { costs, usd, usdPerMonth, seconds }: BackfillEstimate,
  concurrency: number,
): string {
  const left = [...leftOut].map(([why, count]) => `${numberText(count)} ${why}`).join(', ');
  const rows = costs
    .filter(({ isMonthly }) => !isMonthly)
    .map((cost) => [`  ${cost.what}`, dollars(cost.usd), cost.how]);
  const tags = usdPerMonth > 0 ? `; keeping the tags: $${dollars(usdPerMonth)} a month` : '';
  return [
    `${oneLine(bucket)}: ${isApproximate ? 'about ' : ''}${numberText(objects)} objects (${source})${left === '' ? '' : `; left out: ${left}`}\n`,
    `cost in US dollars, by list prices of ${COLLECTED}, ${REGION}, if none of them has an answer yet:\n`,
    table([...rows, ['  total', dollars(usd), '']], [false, true, false]),
    `time: about ${duration(seconds)}, with ${concurrency} ${concurrency === 1 ? 'batch' : 'batches'} at the same time (--concurrency)${tags}\n`,
    `Figures are of ${MEASURED_MODEL}; a heavier model takes longer. An object that has its answer costs a read: $${dollars(answeredUsd() * MILLION)} a million.\n`,
  ].join('');
}
