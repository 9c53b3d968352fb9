import * as z from 'zod';
import { LABEL_ROWS, labelShardOf } from './label-shards.ts';
import { comparePositions } from './position.ts';
import { type Entry, isTombstone } from './record.ts';
import { listedRows, rowListOf } from './row-list.ts';

/**
 * A row by which an image is found under one label or search concept. It has the position of the
 * record that it was made from.
 */
export type LabelRow = z.output<typeof labelRowSchema>;

/** The changes after which the stored rows are those of a record. */
export interface RowChanges {
  readonly put: readonly LabelRow[];
  readonly remove: readonly LabelRow[];
}

export const labelRowSchema = z.object({
  /** `<id>#<0..3>`; the id is a WordNet id, or the label where there is none. */
  labelShard: z.string(),
  /** 0 to 1. */
  probability: z.number(),
  /** Place in the record's list of rows. */
  rank: z.int().min(1).max(LABEL_ROWS),
  label: z.string(),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().nullable(),
  model: z.string(),
  sequencer: z.string(),
  stage: z.union([z.literal(0), z.literal(1)]),
});

/** Returns the rows that a record lists. */
export function labelRows(entry: Entry): LabelRow[] {
  if (isTombstone(entry)) return [];
  const { bucket, key, versionId, model, sequencer, stage } = entry;
  return listedRows(entry).map(({ id, label, probability }, index) => ({
    labelShard: labelShardOf(id, key),
    probability,
    rank: index + 1,
    label,
    bucket,
    key,
    versionId,
    model,
    sequencer,
    stage,
  }));
}

/**
 * Compares the stored rows with those that `entry` lists. Rows at a later position are not changed:
 * the write that made them is responsible for them. A record without a list does not say which rows
 * it has.
 */
export function rowChanges(entry: Entry | null, stored: readonly LabelRow[]): RowChanges {
  if (entry === null || rowListOf(entry) === null) return { put: [], remove: [] };
  const replaceable = (row: LabelRow | undefined) => row === undefined || comparePositions(row, entry) <= 0;
  const wanted = labelRows(entry);
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
