import { createHash } from 'node:crypto';
import { HEAVY_NAME, MODEL_NAME } from '../../functions/tagging/word-classifier.ts';
import type { Expected } from '../audit.ts';
import { BOTH_PREFIX, HEAVY_PREFIX } from './environment.ts';
import { pictureOf } from './pictures.ts';
import type { Plan } from './plan.ts';

/** A version of an object, as a user made it. Null: a delete marker. */
export type PlannedVersion = { readonly words: string; readonly owner: string | null } | null;

/** What a plan leaves in the bucket, by its operations alone. */
export class PlannedBucket {
  /** By key, the newest version first. */
  readonly keys = new Map<string, PlannedVersion[]>();
  /**
   * Keys whose newest version was deleted for good, so that an older one is the object again. S3
   * sends no event about that one, so nothing is found under such a key unless a backfill comes.
   */
  readonly uncovered = new Set<string>();
  /** All words that ever were under a key. */
  readonly words = new Map<string, Set<string>>();

  readonly #isVersioned: boolean;

  constructor(plan: Plan) {
    this.#isVersioned = plan.isVersioned;
    for (const { key, words } of plan.before) this.#put(key, words, null);
    for (const operation of plan.operations) {
      if (operation.kind === 'upload') this.#put(operation.key, operation.words, operation.owner);
      if (operation.kind === 'delete') this.#add(operation.key, null);
      if (operation.kind === 'delete-version') this.#deleteVersion(operation.key, operation.older);
    }
  }

  /** What is found under each key in the end. */
  expected(): Expected[] {
    return [...this.keys].flatMap(([key, [current]]) => {
      return current && !this.uncovered.has(key) ? [expectedOf(key, current)] : [];
    });
  }

  /** Keys under which nothing is found in the end. */
  gone(): string[] {
    return [...this.keys].filter(([key, [current]]) => !current || this.uncovered.has(key)).map(([key]) => key);
  }

  #put(key: string, words: string, owner: string | null): void {
    this.#add(key, { words, owner });
    this.words.set(key, (this.words.get(key) ?? new Set()).add(words));
  }

  #add(key: string, version: PlannedVersion): void {
    const versions = this.#of(key);
    if (!this.#isVersioned) versions.length = 0;
    versions.unshift(version);
    this.uncovered.delete(key);
  }

  #deleteVersion(key: string, older: number): void {
    if (!this.#isVersioned) return;
    const versions = this.#of(key);
    if (versions.length > 0 && older === 0) this.uncovered.add(key);
    versions.splice(older, 1);
  }

  #of(key: string): PlannedVersion[] {
    const versions = this.keys.get(key) ?? [];
    this.keys.set(key, versions);
    return versions;
  }
}

/** The name of the model whose answer stands in the end. */
export function modelOf(key: string, words: string): string {
  if (key.startsWith(HEAVY_PREFIX)) return HEAVY_NAME;
  const isSure = words.startsWith('bad') || words.startsWith('broken') || words.startsWith('crash');
  return key.startsWith(BOTH_PREFIX) && !isSure ? HEAVY_NAME : MODEL_NAME;
}

/** What a model says of a picture: half as sure with each word. */
export function predictionsOf(words: string, model: string): { label: string; probability: number }[] {
  const labels = (model === HEAVY_NAME ? words.toUpperCase() : words).split(' ');
  return labels.map((label, index) => ({ label, probability: 0.5 ** (index + 1) }));
}

export function eTagOf(words: string): string {
  return createHash('md5').update(pictureOf(words)).digest('hex');
}

function expectedOf(key: string, { words, owner }: NonNullable<PlannedVersion>): Expected {
  const isFailed = words.startsWith('broken') || words.startsWith('crash');
  const state = words.startsWith('bad') ? 'rejected' : isFailed ? 'failed' : 'tagged';
  const model = modelOf(key, words);
  const predictions = state === 'tagged' ? predictionsOf(words, model) : [];
  const cat = predictions.find(({ label }) => label.toLowerCase() === 'lion');
  return {
    key,
    eTag: eTagOf(words),
    state,
    predictions,
    rows: [
      ...(cat === undefined ? [] : [{ id: 'n02127808', label: 'big cat', probability: cat.probability }]),
      ...predictions.map(({ label, probability }) => ({ id: label, label, probability })),
    ],
    model,
    userTags: owner === null ? {} : { owner },
  };
}
