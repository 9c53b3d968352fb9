import { toFailureReason } from '../records/failure-reason.ts';
import { type FailImageDependencies, failUnlessExplained } from '../tagging/fail-image.ts';
import type { WatchedObjects } from '../watched-objects.ts';
import type { BackfillItem } from './batch.ts';
import { bucketOf } from './bucket-of.ts';
import { chooseItem } from './choose-item.ts';
import { BackfillCrashError } from './errors.ts';
import type { ItemResult } from './item-result.ts';
import type { Run } from './run-request.ts';
import type { ItemFailure } from './tag-items.ts';

export interface GiveUpDependencies extends FailImageDependencies {
  readonly watched: readonly WatchedObjects[];
}

/**
 * Records `failed` for items at which the function's process ended. An answer that is stored stays.
 */
export async function giveUp(
  items: readonly BackfillItem[],
  run: Run,
  dependencies: GiveUpDependencies,
): Promise<{ readonly results: readonly ItemResult[]; readonly failures: readonly ItemFailure[] }> {
  const results: ItemResult[] = [];
  const failures: ItemFailure[] = [];
  for (const item of items) {
    const choice = chooseItem(item, bucketOf(run, dependencies.watched), run, dependencies.watched);
    if (choice.kind === 'leave') {
      results.push({ key: choice.key, outcome: choice.outcome, reason: null });
      continue;
    }
    const { event } = choice;
    const { key } = event.name;
    const error = new BackfillCrashError();
    const failed = await failUnlessExplained(event, toFailureReason(error), dependencies);
    if (failed === null) {
      results.push({ key, outcome: 'already-answered', reason: null });
    } else {
      results.push({ key, outcome: 'failed', reason: failed.record.reason });
      failures.push({ event, error });
    }
  }
  return { results, failures };
}
