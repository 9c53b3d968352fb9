import { labelShardOf } from './label-shards.ts';
import type { LabelRow } from './labels.ts';
import { comparePositions } from './position.ts';
import type { ImageRecord } from './record.ts';
import { type Listed, listedRows } from './row-list.ts';

/** A label or search concept whose rows a search reads. */
export interface SearchSource {
  /** Its id, as rows are keyed by it. */
  readonly id: string;
  /** Only images that show one of these concepts, which stand below it; null: all of them. */
  readonly within: readonly string[] | null;
}

/** By what an image was found. */
export interface Match {
  readonly label: string;
  /** Place of the label among the predictions, 1 to 10; null for a concept. */
  readonly rank: number | null;
  /** 0 to 1. */
  readonly probability: number;
}

interface Candidate extends Listed {
  readonly match: Match;
  readonly rowRank: number;
}

/**
 * Tells by what a row finds its image. An image counts once, by the most probable of its rows that
 * the search reads, and only if that row belongs to the record's own write and list: every other
 * row is out of date.
 * @param sources those of the search, in its order
 * @param minProbability 0 to 1
 * @returns null if the row does not count
 */
export function matchRow(
  row: LabelRow,
  record: ImageRecord,
  sources: readonly SearchSource[],
  minProbability: number,
): Match | null {
  if (record.state !== 'tagged' || comparePositions(row, record) !== 0) return null;
  const listed = listedRows(record);
  const best = sources
    .flatMap((source) => toCandidate(source, listed, record, minProbability))
    // The first of equal ones counts: rows are merged in the order of the sources.
    .reduce<Candidate | null>((a, b) => (a === null || b.probability > a.probability ? b : a), null);
  if (best?.rowRank !== row.rank || best.probability !== row.probability) return null;
  return row.labelShard === labelShardOf(best.id, row.key) ? best.match : null;
}

function toCandidate(
  { id, within }: SearchSource,
  listed: readonly Listed[],
  record: ImageRecord,
  minProbability: number,
): Candidate[] {
  // A model may have one label twice (ImageNet: crane), and an earlier version had a row for each.
  const index = listed.findIndex((one) => one.id === id);
  const row = listed[index];
  if (row === undefined) return [];
  const { label, probability } = row;
  if (within === null) return [{ ...row, rowRank: index + 1, match: { label, rank: rankOf(record, id), probability } }];
  const [found] = record.concepts
    .filter((concept) => within.includes(concept.id) && concept.probability >= minProbability)
    .sort((a, b) => b.probability - a.probability);
  if (found === undefined) return [];
  return [{ ...row, rowRank: index + 1, match: { label: found.label, rank: null, probability: found.probability } }];
}

function rankOf({ predictions }: ImageRecord, id: string): number | null {
  return predictions.find(({ label, wnid }) => wnid === id || label === id)?.rank ?? null;
}
