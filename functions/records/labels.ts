import * as z from 'zod';
import { keyShard } from './key-shard.ts';
import { comparePositions } from './position.ts';
import { type Entry, isTombstone } from './record.ts';

/**
 * A row by which an image is found under one label. It has the position of the record that it was
 * made from.
 */
export type LabelRow = z.output<typeof labelRowSchema>;

/** The changes after which the stored rows are those of a record. */
export interface RowChanges {
  readonly put: readonly LabelRow[];
  readonly remove: readonly LabelRow[];
}

/** Number of labels that have rows, best first. */
export const LABEL_ROWS = 5;

/** A popular label is spread over this many partitions of the index. */
export const LABEL_SHARDS = 4;

/**
 * DynamoDB's limit of a partition key. A longer label cannot be searched for; the record keeps it.
 */
const MAX_SHARD_BYTES = 2048;

export const labelRowSchema = z.object({
  /** `<label>#<0..3>` */
  labelShard: z.string(),
  /** 0 to 1. */
  probability: z.number(),
  rank: z.int().min(1).max(LABEL_ROWS),
  label: z.string(),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().nullable(),
  model: z.string(),
  sequencer: z.string(),
  stage: z.union([z.literal(0), z.literal(1)]),
});

/** The index partitions that hold a label's images. */
export function labelShards(label: string): string[] {
  return Array.from({ length: LABEL_SHARDS }, (_, shard) => `${label}#${shard}`);
}

/** Whether a label can have rows, and so can be searched for. */
export function isSearchable(label: string): boolean {
  return labelShards(label).every((shard) => Buffer.byteLength(shard) <= MAX_SHARD_BYTES);
}

/**
 * Returns the rows of a record: its labels of rank 1 to 5 with a probability of at least
 * `threshold` (0 to 1). Only a tagged image has rows.
 */
export function labelRows(entry: Entry | null, threshold: number): LabelRow[] {
  if (entry === null || isTombstone(entry) || entry.state !== 'tagged') return [];
  const { bucket, key, versionId, model, sequencer, stage } = entry;
  const shard = keyShard(key, LABEL_SHARDS);
  return entry.predictions
    .filter(({ rank, probability }) => rank <= LABEL_ROWS && probability >= threshold)
    .map(({ rank, label, probability }) => ({
      labelShard: `${label}#${shard}`,
      probability,
      rank,
      label,
      bucket,
      key,
      versionId,
      model,
      sequencer,
      stage,
    }))
    .filter(({ label }) => isSearchable(label));
}

/**
 * Compares the stored rows with those of `entry`. Rows at a later position are not changed: the
 * write that made them is responsible for them.
 */
export function rowChanges(entry: Entry | null, stored: readonly LabelRow[], threshold: number): RowChanges {
  if (entry === null) return { put: [], remove: [] };
  const replaceable = (row: LabelRow | undefined) => row === undefined || comparePositions(row, entry) <= 0;
  const wanted = labelRows(entry, threshold);
  return {
    put: wanted.filter((row) => {
      const other = stored.find(({ rank }) => rank === row.rank);
      return replaceable(other) && (other === undefined || !isSameRow(row, other));
    }),
    remove: stored.filter((row) => replaceable(row) && !wanted.some(({ rank }) => rank === row.rank)),
  };
}

function isSameRow(a: LabelRow, b: LabelRow): boolean {
  return (
    comparePositions(a, b) === 0 &&
    a.labelShard === b.labelShard &&
    a.probability === b.probability &&
    a.versionId === b.versionId &&
    a.model === b.model
  );
}
