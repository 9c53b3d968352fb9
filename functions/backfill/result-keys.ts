/** Where the results of all runs lie in the service bucket. */
export const BACKFILL_PREFIX = 'backfill/';

/** Days that results are kept, as long as Step Functions keeps an execution. */
export const RESULT_DAYS = 90;

/** Below this lies an object of counts (`ItemCounts`, JSON) for each call of the function. */
export function countsPrefix(runId: string): string {
  return `${BACKFILL_PREFIX}${runId}/counts/`;
}

/** Below this lies an object of JSON Lines (`ItemResult`) for each call of the function. */
export function resultsPrefix(runId: string): string {
  return `${BACKFILL_PREFIX}${runId}/results/`;
}

/** Below this Step Functions writes what became of each batch, once the run is over. */
export function batchesPrefix(runId: string): string {
  return `${BACKFILL_PREFIX}${runId}/batches`;
}
