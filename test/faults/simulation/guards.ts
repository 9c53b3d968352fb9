import { AsyncLocalStorage } from 'node:async_hooks';
import type { SQSBatchResponse } from 'aws-lambda';
import type { AnswerOnce } from '../../../functions/api/idempotency.ts';
import type { HeavyReceiver } from '../../../functions/gpu-worker/heavy-receiver.ts';
import { labelRows } from '../../../functions/records/labels.ts';
import type { RecordStore, StoredImage } from '../../../functions/records/store.ts';

/** What keeps a deployment sound. Each can be taken away, to see that the audit notices. */
export const GUARDS = [
  'idempotency',
  'sequencer-rule',
  'partial-batch-report',
  'heartbeat',
  'last-look',
  'dead-letter-record',
] as const;
export type Guard = (typeof GUARDS)[number];

/** An Idempotency-Key makes no difference: each request is answered anew. */
export const answerEach: AnswerOnce = (_request, _context, act) => act();

/** The last write wins, whatever position it has. */
export function withoutSequencerRule(records: RecordStore): RecordStore {
  return {
    ...records,
    async write(entry, condition) {
      if (condition.kind === 'unchanged') return records.write(entry, condition);
      const seen = (await records.read(entry)).entry;
      return records.write(entry, { kind: 'unchanged', seen });
    },
  };
}

/** What the handling of one message has just brought in line with its record. */
const handlings = new AsyncLocalStorage<{ settled: StoredImage | null }>();

/**
 * Handles a message. The last look of {@link withoutLastLook} is missing in it, and nowhere else.
 */
export function asOneHandling<Result>(handle: () => Promise<Result>): Promise<Result> {
  return handlings.run({ settled: null }, handle);
}

/** Once rows and tags follow a record, nobody looks whether it is still the stored one. */
export function withoutLastLook(records: RecordStore): RecordStore {
  const seen = new WeakMap<object, StoredImage>();
  const note = (image: StoredImage) => {
    if (image.entry !== null) seen.set(image.entry, image);
    return image;
  };
  return {
    ...records,
    async read(name) {
      const handling = handlings.getStore();
      const settled = handling?.settled ?? null;
      if (handling !== undefined) handling.settled = null;
      return settled ?? note(await records.read(name));
    },
    async write(entry, condition) {
      seen.set(entry, { entry, rows: [] });
      return records.write(entry, condition);
    },
    async changeRows(position, changes) {
      await records.changeRows(position, changes);
      const handling = handlings.getStore();
      const image = seen.get(position);
      if (handling === undefined || image === undefined || image.entry === null) return;
      handling.settled = { entry: image.entry, rows: labelRows(image.entry) };
    },
  };
}

/** A batch counts as done, whatever became of its messages. */
export async function withoutReport(answer: Promise<SQSBatchResponse>): Promise<SQSBatchResponse> {
  await answer;
  return { batchItemFailures: [] };
}

/** A held message is not hidden any longer than it was at first. */
export function withoutHeartbeat(queue: HeavyReceiver, visibilitySeconds: number): HeavyReceiver {
  return {
    ...queue,
    async hide(messages, seconds) {
      if (seconds !== visibilitySeconds) await queue.hide(messages, seconds);
    },
  };
}

/** No failure is recorded. */
export function withoutRecord(records: RecordStore): RecordStore {
  return { ...records, write: async () => false };
}
