import type { Operation, Plan } from './plan.ts';

const MOST_RUNS = 150;

/**
 * Leaves out operations of a plan that fails, as long as it fails without them: first half of them,
 * then ever fewer at a time.
 * @param fails runs a plan
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let least = plan;
  let runs = 0;
  for (let size = plan.operations.length >> 1; size >= 1 && runs < MOST_RUNS; size >>= 1) {
    for (let start = 0; start < least.operations.length && runs < MOST_RUNS; ) {
      const fewer = withOnly(least, (_, index) => index < start || index >= start + size);
      runs += 1;
      if (await fails(fewer)) least = fewer;
      else start += size;
    }
  }
  return least;
}

/**
 * Returns a plan of the operations that are wanted. Without its backfill there are no objects from
 * before the deployment either: nothing else would ever tag them.
 */
export function withOnly(plan: Plan, isWanted: (operation: Operation, index: number) => boolean): Plan {
  const operations = plan.operations.filter(isWanted);
  const hasBackfill = operations.some(({ kind }) => kind === 'backfill');
  return { ...plan, operations, before: hasBackfill ? plan.before : [] };
}
