import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { countItems, type ItemResult } from './item-result.ts';
import { countsPrefix, resultsPrefix } from './result-keys.ts';

/** One call of the function: which batch of which run, and the how many-th call about it. */
export interface CallName {
  readonly runId: string;
  /** Name of the batch's own execution. */
  readonly batch: string;
  /** Counted from 0. A call that is tried again keeps its number. */
  readonly call: number;
}

/** Keeps what became of the items of each call. */
export interface ResultStore {
  /** Writes the results and their counts. Those of the same call are replaced. */
  write(name: CallName, results: readonly ItemResult[]): Promise<void>;
}

/** @param bucket the service bucket */
export function openResultStore(client: S3Client, bucket: string): ResultStore {
  const put = (Key: string, Body: string, ContentType: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType }));
  return {
    async write({ runId, batch, call }, results) {
      const lines = results.map((result) => `${JSON.stringify(result)}\n`).join('');
      await put(`${resultsPrefix(runId)}${batch}-${call}.jsonl`, lines, 'application/jsonl');
      // The counts come last: a call that has counts has its results, too.
      await put(`${countsPrefix(runId)}${batch}-${call}.json`, JSON.stringify(countItems(results)), 'application/json');
    },
  };
}
