import { createHash } from 'node:crypto';
import type { Classifier } from '../../classifier/index.ts';
import type { ClassifyEntry } from '../../classifier/types.ts';
import { SEARCH_CONCEPTS } from '../../functions/records/search-concepts.ts';
import type { Expected } from './audit.ts';

/** What is known of an upload. */
export interface Uploaded {
  readonly key: string;
  readonly bytes: Buffer;
  /** Name of the model whose answer stands in the end. */
  readonly model: string;
  readonly userTags: Readonly<Record<string, string>>;
}

/** Returns what must be found about an object, by the classifier's own answer. */
export async function expectedOf(classifier: Classifier, { key, bytes, model, userTags }: Uploaded): Promise<Expected> {
  const [entry] = await classifier.classify([bytes], { top: 10 });
  if (entry === undefined) throw new TypeError('expected an answer');
  const predictions =
    'error' in entry ? [] : entry.predictions.map(({ label, probability }) => ({ label, probability }));
  return {
    key,
    eTag: createHash('md5').update(bytes).digest('hex'),
    state: 'error' in entry ? 'rejected' : 'tagged',
    predictions,
    rows: rowsOf(entry),
    model,
    userTags,
  };
}

/** What the documents say of rows: search concepts, then labels, of at least 0.1, five in all. */
function rowsOf(entry: ClassifyEntry): Expected['rows'] {
  if ('error' in entry) return [];
  const concepts = entry.concepts.filter(({ id }) => SEARCH_CONCEPTS.has(id)).slice(0, 4);
  const labels = entry.predictions
    .slice(0, 5)
    .map(({ wnid, label, probability }) => ({ id: wnid ?? label, label, probability }));
  return [...concepts.toSorted((a, b) => b.probability - a.probability), ...labels]
    .filter(({ probability }) => probability >= 0.1)
    .slice(0, 5);
}
