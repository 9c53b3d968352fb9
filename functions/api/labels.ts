import * as z from 'zod';
import { completeWords } from '../vocabulary/complete.ts';
import type { Vocabulary, Word } from '../vocabulary/vocabulary.ts';
import type * as Wire from '../wire.ts';
import { readQuery, wholeNumber } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface LabelsDependencies {
  /** The words of the models whose packages are on this machine. */
  readonly vocabularies: () => Promise<readonly Vocabulary[]>;
}

export const DEFAULT_LABELS = 10;
export const MAX_LABELS = 50;

/** Longer than any label of a hierarchy. */
const MAX_QUERY_CHARACTERS = 200;

const WORDNET_ID = /^n\d{8}$/;

const labelsQuerySchema = z.object({
  query: z.string().max(MAX_QUERY_CHARACTERS, `at most ${MAX_QUERY_CHARACTERS} characters`).default(''),
  limit: wholeNumber(1, MAX_LABELS).default(DEFAULT_LABELS),
});

/** `GET /labels`: what can be searched for, completed from its beginning. */
export async function listLabels(request: ApiRequest, { vocabularies }: LabelsDependencies): Promise<ApiResponse> {
  const { query, limit } = readQuery(labelsQuerySchema, request.query);
  return json(200, { labels: completeWords(await vocabularies(), query, limit).map(describe) });
}

function describe({ id, label, synonyms, isClass }: Word): Wire.LabelList['labels'][number] {
  return { id: WORDNET_ID.test(id) ? id : null, label, synonyms, kind: isClass ? 'label' : 'concept' };
}
