import { toFailureReason } from '../records/failure-reason.ts';
import { failImage } from '../tagging/fail-image.ts';
import {
  type BackfillCall,
  type BackfillItem,
  type GiveUpCall,
  type PrepareCall,
  RESERVED_MS,
  type TagCall,
} from './batch.ts';
import { watchedBucketOf } from './bucket-of.ts';
import type { BackfillDependencies } from './dependencies.ts';
import { InvalidRunRequestError, TooManyFailuresError } from './errors.ts';
import { giveUp } from './give-up.ts';
import { countItems, type ItemCounts } from './item-result.ts';
import { type Run, readRunRequest } from './run-request.ts';
import { type ItemFailure, type TaggedItems, tagItems } from './tag-items.ts';

/** What a call about a batch returns to the state machine. */
export interface BatchAnswer {
  readonly counts: ItemCounts['items'];
  /** Items for a further call; empty: the batch is finished. */
  readonly unfinished: readonly BackfillItem[];
}

/** Receives what happened, for the log and the metrics. */
export interface BackfillObserver {
  /** Called for each run, whether it may start or not. */
  onRun(runId: string): void;
  onFailure(failure: ItemFailure): void;
  onBatch(call: Pick<TagCall, 'run' | 'batch' | 'call'>, counts: ItemCounts, unfinished: number): void;
}

/** Reasons that the error of a batch quotes. */
const QUOTED_FAILURES = 3;

/**
 * Answers a call of the state machine.
 * @param remainingMs how much of the call's time is left
 * @throws {InvalidRunRequestError} when the run cannot be started as it was asked for
 * @throws {TooManyFailuresError} when more of the batch failed than the run tolerates
 */
export async function answerCall(
  call: BackfillCall,
  dependencies: BackfillDependencies,
  observer: BackfillObserver,
  remainingMs: () => number,
): Promise<Run | BatchAnswer> {
  switch (call.action) {
    case 'prepare':
      return prepare(call, dependencies, observer);
    case 'tag':
      return tagBatch(call, dependencies, observer, () => remainingMs() < RESERVED_MS);
    case 'give-up':
      return giveUpBatch(call, dependencies, observer);
  }
}

function prepare(
  { request, runId, defaultConcurrency, inventoryBucket }: PrepareCall,
  { modelName, watched }: BackfillDependencies,
  observer: BackfillObserver,
): Run {
  observer.onRun(runId);
  const run = readRunRequest(request, runId, defaultConcurrency);
  if (run.model !== null && run.model !== modelName) {
    throw new InvalidRunRequestError(
      `the run asks for the model ${run.model}, and ${modelName} is deployed. Deploy the other one with -c model=${run.model}, or leave the model out.`,
    );
  }
  if (run.source.kind === 'inventory' && run.source.bucket !== inventoryBucket) {
    throw new InvalidRunRequestError(
      `the run asks for an inventory in the bucket ${run.source.bucket}, and the state machine may read ${inventoryBucket === null ? 'none' : `only those in ${inventoryBucket}`}. Deploy with -c inventoryBucket=${run.source.bucket}.`,
    );
  }
  return { ...run, bucket: watchedBucketOf(run, watched) };
}

async function tagBatch(
  call: TagCall,
  dependencies: BackfillDependencies,
  observer: BackfillObserver,
  isOver: () => boolean,
): Promise<BatchAnswer> {
  const { run, isRepeated, items } = call;
  const leavesAnswered = !run.repair && !isRepeated;
  const tagged = await tagItems(items, run, { ...dependencies, leavesAnswered }, isOver);
  const answer = await tell(call, tagged, dependencies, observer);
  const isTooMany = tagged.failures.length > run.toleratedFailureShare * tagged.attempted;
  if (isTooMany) throw tooManyFailures(tagged, run);
  await recordFailures(tagged.failures, dependencies, observer);
  return answer;
}

async function giveUpBatch(
  call: GiveUpCall,
  dependencies: BackfillDependencies,
  observer: BackfillObserver,
): Promise<BatchAnswer> {
  const given = await giveUp(call.items, call.run, dependencies);
  return tell(call, { ...given, unfinished: [] }, dependencies, observer);
}

/** Writes what became of the items of a call, and reports it. */
async function tell(
  { run, batch, call }: TagCall | GiveUpCall,
  { results, failures, unfinished }: Pick<TaggedItems, 'results' | 'failures' | 'unfinished'>,
  dependencies: BackfillDependencies,
  observer: BackfillObserver,
): Promise<BatchAnswer> {
  const counts = countItems(results);
  for (const failure of failures) observer.onFailure(failure);
  await dependencies.results.write({ runId: run.runId, batch, call }, results);
  observer.onBatch({ run, batch, call }, counts, unfinished.length);
  return { counts: counts.items, unfinished };
}

/**
 * Records `failed` for what failed in a batch that does not fail as a whole: nothing tries it again
 * before the next run. If that fails, too, the line of the results still says it.
 */
async function recordFailures(
  failures: readonly ItemFailure[],
  dependencies: BackfillDependencies,
  observer: BackfillObserver,
): Promise<void> {
  for (const { event, error } of failures) {
    if (event === null) continue;
    try {
      await failImage(event, toFailureReason(error), dependencies);
    } catch (fault) {
      observer.onFailure({ event, error: fault });
    }
  }
}

function tooManyFailures({ results, failures, attempted }: TaggedItems, run: Run): TooManyFailuresError {
  const quoted = results
    .filter(({ outcome }) => outcome === 'failed')
    .slice(0, QUOTED_FAILURES)
    .map(({ key, reason }) => `${key}: ${reason?.code}: ${reason?.message}`);
  return new TooManyFailuresError(
    `${failures.length} of ${attempted} images failed, more than the tolerated share of ${run.toleratedFailureShare}. ${quoted.join(' ')} Repair the cause, then redrive the execution.`,
  );
}
