import type { ItemOutcome } from '../../functions/backfill/item-result.ts';
import { sum } from '../estimates/cost.ts';
import { answeredUsd, costsOfBackfill } from '../estimates/image-costs.ts';
import type { CountsReader, RunCounts } from './counts-reader.ts';
import { describe, type Execution, readMapCounts } from './executions.ts';
import type { Backfill } from './open-backfill.ts';
import type { FunctionFacts } from './read-function.ts';

/** How far a run is. */
export interface RunStatus {
  readonly execution: Execution;
  readonly counts: RunCounts;
  /** Objects that it is through with. */
  readonly done: number;
  /** Objects that Step Functions has listed so far; 0 before it began. */
  readonly total: number;
  /** US dollars so far, about. */
  readonly usd: number;
}

/** Outcomes for which the object was read and the model ran, or would have. */
const COMPUTED: readonly ItemOutcome[] = ['tagged', 'rejected', 'failed', 'forwarded'];

/** Asks Step Functions and the service bucket how far a run is. */
export async function readStatus(
  backfill: Backfill,
  executionArn: string,
  facts: FunctionFacts,
  reader: CountsReader,
): Promise<RunStatus> {
  // The counts come last: of a run that has ended they are complete.
  const execution = await describe(backfill, executionArn);
  const map = await readMapCounts(backfill, executionArn);
  const counts = await reader.refresh();
  const told = Object.values(counts.items).reduce((all, count) => all + count, 0);
  const done = Math.max(told, map?.ended ?? 0);
  const total = Math.max(map?.total ?? 0, done);
  return { execution, counts, done, total, usd: usdSoFar(counts, total, facts) };
}

function usdSoFar({ items }: RunCounts, listed: number, facts: FunctionFacts): number {
  const images = COMPUTED.reduce((count, outcome) => count + items[outcome], 0);
  const costs = costsOfBackfill(images, listed, facts).filter(({ isMonthly }) => !isMonthly);
  return sum(costs) + items['already-answered'] * answeredUsd();
}
