import type { Concept, Prediction } from '../wire.ts';
import { isIndexKey, LABEL_ROWS } from './label-shards.ts';
import { type Entry, type ImageRecord, isTombstone } from './record.ts';
import { SEARCH_CONCEPTS } from './search-concepts.ts';

/** What an image has a row for: a label, or a search concept. */
export interface Listed {
  /** The WordNet id or another id of the concept; of a class without one the label. */
  readonly id: string;
  readonly label: string;
  /** 0 to 1. */
  readonly probability: number;
}

/** One row is kept for a label, however many concepts there are. */
const MAX_CONCEPT_ROWS = LABEL_ROWS - 1;

/** What rounding may add to the sum of one class. */
const ROUNDING = 1e-9;

/**
 * Chooses what an image is found by: its search concepts and then its labels, each by falling
 * probability, five at most. Only a tagged image is found.
 * @param threshold 0 to 1, the least probability. Concepts are known from 0.1 on only
 * @returns ids, each once, in the order of the rows
 */
export function listRows(
  { state, predictions, concepts }: Pick<ImageRecord, 'state' | 'predictions' | 'concepts'>,
  threshold: number,
): string[] {
  if (state !== 'tagged') return [];
  const isProbable = ({ probability }: { readonly probability: number }) => probability >= threshold;
  const found = concepts
    .filter((concept) => SEARCH_CONCEPTS.has(concept.id) && isProbable(concept))
    .sort((a, b) => b.probability - a.probability);
  const labels = predictions.filter((prediction) => prediction.rank <= LABEL_ROWS && isProbable(prediction));
  const ids = [...found.slice(0, MAX_CONCEPT_ROWS).map(({ id }) => id), ...labels.map(idOf)];
  return [...new Set(ids)].filter(isIndexKey).slice(0, LABEL_ROWS);
}

/**
 * Returns the list of an entry; null: it has rows, but an earlier version kept no list of them.
 */
export function rowListOf(entry: Entry): readonly string[] | null {
  if (isTombstone(entry)) return [];
  return entry.rows ?? (entry.state === 'tagged' ? null : []);
}

/**
 * Returns the entry with the list of rows that it would get now. It is the same entry if that is
 * the list it has: if not, it is of an earlier version, or the threshold was changed since.
 */
export function withRowList(entry: Entry, threshold: number): Entry {
  if (isTombstone(entry)) return entry;
  const rows = listRows(entry, threshold);
  const present = rowListOf(entry);
  const isSame = present?.length === rows.length && rows.every((id, index) => id === present[index]);
  return isSame ? entry : { ...entry, rows };
}

/**
 * Returns what a record has rows for, in the order of the rows. Records of an earlier version have
 * no list: they had a row for each label by its rank, under the label itself.
 */
export function listedRows(record: ImageRecord): Listed[] {
  const { predictions, concepts, rows } = record;
  if (rows === null) {
    return predictions.slice(0, LABEL_ROWS).map(({ label, probability }) => ({ id: label, label, probability }));
  }
  return rows.map((id) => {
    const label = predictions.find((prediction) => idOf(prediction) === id);
    const concept = concepts.find((one) => one.id === id);
    return toListed(id, label, concept);
  });
}

/** A class that stands above others counts with them, as a concept. */
function toListed(id: string, label: Prediction | undefined, concept: Concept | undefined): Listed {
  const isMore = concept !== undefined && concept.probability > (label?.probability ?? 0) + ROUNDING;
  const { label: name, probability } = (isMore ? concept : label) ?? concept ?? { label: id, probability: 0 };
  return { id, label: name, probability };
}

/** The id of a class: its WordNet id, or its label where it has none. */
function idOf({ wnid, label }: Prediction): string {
  return wnid ?? label;
}
