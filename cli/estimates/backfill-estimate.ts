import { MOST_RECORDED_PER_SECOND } from './aws-limits.ts';
import { type Cost, sum } from './cost.ts';
import { costsOfBackfill, type TaggingFacts } from './image-costs.ts';
import { MEASURED } from './measured.ts';

export interface BackfillPlan extends TaggingFacts {
  /** Images that have no answer yet. */
  readonly images: number;
  /** See `costsOfBackfill`. */
  readonly listed: number | null;
  /** Batches at the same time. */
  readonly concurrency: number;
}

export interface BackfillEstimate {
  readonly costs: readonly Cost[];
  /** US dollars, once. */
  readonly usd: number;
  /** US dollars a month, for keeping the tags. */
  readonly usdPerMonth: number;
  /** Images a second, of all batches together. The table takes no more than 4,000. */
  readonly imagesPerSecond: number;
  readonly seconds: number;
}

/** Estimates what a backfill costs, and how long it takes on functions with one vCPU. */
export function estimateBackfill({ images, listed, concurrency, ...facts }: BackfillPlan): BackfillEstimate {
  const costs = costsOfBackfill(images, listed, facts);
  const imagesPerSecond = Math.min((concurrency * 1000) / MEASURED['full queue'].wallMs, MOST_RECORDED_PER_SECOND);
  return {
    costs,
    usd: sum(costs.filter(({ isMonthly }) => !isMonthly)),
    usdPerMonth: sum(costs.filter(({ isMonthly }) => isMonthly)),
    imagesPerSecond,
    seconds: images / imagesPerSecond,
  };
}
