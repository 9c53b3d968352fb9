import { toFailureReason } from '../records/failure-reason.ts';
import type { Runner } from '../side-by-side/runner.ts';
import { ObjectAccessError } from '../tagging/errors.ts';
import type { CreatedEvent } from '../tagging/image-event.ts';
import type { Outcome } from '../tagging/outcome.ts';
import { type TagImageDependencies, tagImage } from '../tagging/tag-image.ts';
import type { WatchedObjects } from '../watched-objects.ts';
import type { BackfillItem } from './batch.ts';
import { bucketOf } from './bucket-of.ts';
import { chooseItem, shownKeyOf } from './choose-item.ts';
import type { ItemResult } from './item-result.ts';
import type { Run } from './run-request.ts';

export interface TagItemsDependencies extends TagImageDependencies {
  readonly watched: readonly WatchedObjects[];
  readonly runner: Runner;
}

/** Our own failure at an item, and the event that `failed` would be recorded for. */
export interface ItemFailure {
  /** Null: the item is not an object of the bucket. */
  readonly event: CreatedEvent | null;
  readonly error: unknown;
}

export interface TaggedItems {
  /** One for each item that was finished. */
  readonly results: readonly ItemResult[];
  readonly failures: readonly ItemFailure[];
  /** How many were not left out at once. */
  readonly attempted: number;
  /** Those that were not started, in their order. */
  readonly unfinished: readonly BackfillItem[];
}

type Finished = { readonly result: ItemResult; readonly isAttempted: boolean; readonly failure?: ItemFailure };

/** S3's code for an object in an archive. A listing does not show the tier of an object. */
const IN_ARCHIVE = 'InvalidObjectState';

/**
 * Tags the objects of a batch, side by side. An item's failure does not stop the others.
 * @param isOver whether so little time is left that no further item may be started
 */
export async function tagItems(
  items: readonly BackfillItem[],
  run: Run,
  dependencies: TagItemsDependencies,
  isOver: () => boolean,
): Promise<TaggedItems> {
  const { tasks } = dependencies.runner;
  const ends = await Promise.all(
    items.map((item) => tasks.take(async () => (isOver() ? null : finish(item, run, dependencies)))),
  );
  const finished = ends.filter((end) => end !== null);
  return {
    results: finished.map(({ result }) => result),
    failures: finished.flatMap(({ failure }) => (failure === undefined ? [] : [failure])),
    attempted: finished.filter(({ isAttempted }) => isAttempted).length,
    unfinished: items.filter((_, index) => ends[index] === null),
  };
}

async function finish(item: BackfillItem, run: Run, dependencies: TagItemsDependencies): Promise<Finished> {
  let event: CreatedEvent | null = null;
  let key = shownKeyOf(item);
  try {
    const choice = chooseItem(item, bucketOf(run, dependencies.watched), run, dependencies.watched);
    if (choice.kind === 'leave') {
      return { result: { key: choice.key, outcome: choice.outcome, reason: null }, isAttempted: false };
    }
    ({ event } = choice);
    ({ key } = event.name);
    return { result: { key, ...outcomeOf(await tagImage(event, dependencies)) }, isAttempted: true };
  } catch (error) {
    if (isArchived(error)) return { result: { key, outcome: 'archived', reason: null }, isAttempted: false };
    const result = { key, outcome: 'failed', reason: toFailureReason(error) } as const;
    return { result, isAttempted: true, failure: { event, error } };
  }
}

function outcomeOf(outcome: Outcome): Pick<ItemResult, 'outcome' | 'reason'> {
  if (outcome.kind === 'recorded') return { outcome: outcome.record.state, reason: outcome.record.reason };
  if (outcome.kind !== 'skipped') return { outcome: outcome.kind === 'forwarded' ? 'forwarded' : 'gone', reason: null };
  switch (outcome.why) {
    case 'gone':
    case 'superseded':
    case 'folder-marker':
      return { outcome: outcome.why, reason: null };
    default:
      return { outcome: 'already-answered', reason: null };
  }
}

function isArchived(error: unknown): boolean {
  return error instanceof ObjectAccessError && error.cause instanceof Error && error.cause.name === IN_ARCHIVE;
}
