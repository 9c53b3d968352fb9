import { Draws } from './draws.ts';
import { BOTH_PREFIX, HEAVY_PREFIX } from './environment.ts';
import { type PictureKind, wordsOf } from './pictures.ts';

/** What a user, or an operator, does at some moment. */
export type Operation = { readonly id: number /** Milliseconds. */; readonly at: number } & Act;

type Act =
  | { readonly kind: 'upload'; readonly key: string; readonly words: string; readonly owner: string }
  /** The whole object: a delete marker hides it. */
  | { readonly kind: 'delete'; readonly key: string }
  /** One version: the newest, or one that is older by so many. */
  | { readonly kind: 'delete-version'; readonly key: string; readonly older: number }
  /** A picture is posted, and the small model answers at once. */
  | { readonly kind: 'classify'; readonly words: string; readonly times: number }
  /** An object of the bucket is to be classified. */
  | { readonly kind: 'classify-key'; readonly key: string }
  /** A picture is posted for the heavy model. `times`: how often the request is sent. */
  | { readonly kind: 'job'; readonly words: string; readonly times: number }
  | { readonly kind: 'permission'; readonly times: number }
  | { readonly kind: 'show' | 'thumbnail'; readonly key: string }
  | { readonly kind: 'search'; readonly label: string }
  | { readonly kind: 'list' | 'newest' }
  | { readonly kind: 'backfill'; readonly prefix: string };

/** What happens to a deployment, drawn by a seed. */
export interface Plan {
  readonly seed: number;
  /**
   * Whether the bucket keeps versions. Without them tags of one upload may meet those of another.
   */
  readonly isVersioned: boolean;
  /** Objects that were in the bucket before the deployment: no event tells of them. */
  readonly before: readonly { readonly key: string; readonly words: string }[];
  readonly operations: readonly Operation[];
  /** Faults stop then. Milliseconds. */
  readonly faultsEndAt: number;
}

/** How many keys there are: each meets several operations. */
const OPERATIONS_PER_KEY = 8;
const MS_PER_OPERATION = 2_400;
const BEFORE = 25;
const VERSIONED_SHARE = 0.6;
/**
 * Who uploads to a bucket without versions: an upload in the moment between our read and write of
 * the tags loses its own, which nobody can prevent. So they are all the same.
 */
const OWNER = 'all';
const BACKFILL_PREFIX = 'old/';
/** Many operations come at the same moment as another about the same key. */
const BURST_SHARE = 0.4;
const BURST_MS = 400;

const KINDS = {
  upload: 46,
  delete: 9,
  'delete-version': 4,
  classify: 5,
  'classify-key': 4,
  job: 9,
  permission: 3,
  show: 8,
  thumbnail: 5,
  search: 3,
  list: 2,
  newest: 2,
};
const PICTURES: Readonly<Record<PictureKind, number>> = {
  plain: 150,
  concept: 30,
  notes: 12,
  slow: 4,
  broken: 2,
  crash: 1,
};
/** The id of a search concept that a model here knows without a vocabulary. */
const BIG_CAT = 'n02127808';
const PREFIXES = { '': 50, [BOTH_PREFIX]: 20, [HEAVY_PREFIX]: 20, [BACKFILL_PREFIX]: 10 };

/** Draws a plan of so many operations. The last one is a backfill of what was there before. */
export function drawPlan(seed: number, operations: number): Plan {
  const draws = new Draws(seed);
  const isVersioned = draws.share('versioned') < VERSIONED_SHARE;
  const keys = Array.from({ length: Math.max(4, Math.ceil(operations / OPERATIONS_PER_KEY)) }, (_, index) => {
    const prefix = draws.pick(PREFIXES, 'prefix', index);
    return `${prefix}photo ${index}+ü.jpg`;
  });
  const before = Array.from({ length: BEFORE }, (_, index) => {
    return {
      key: `${BACKFILL_PREFIX}${index}.jpg`,
      words: wordsOf(900_000 + index, draws.pick({ plain: 9, concept: 2, notes: 1 }, 'before', index)),
    };
  });
  const lasts = operations * MS_PER_OPERATION;
  const drawn: Operation[] = [];
  for (let id = 0; id < operations - 1; id += 1) {
    const previous = drawn[id - 1];
    const isBurst = previous !== undefined && draws.share('burst', id) < BURST_SHARE;
    const at = isBurst ? previous.at + draws.between(0, BURST_MS, 'later', id) : draws.between(0, lasts, 'at', id);
    const key = isBurst && 'key' in previous ? previous.key : (keys[draws.whole(keys.length, 'key', id)] ?? '');
    drawn.push({ id, at, ...drawAct(draws, id, key, isVersioned) });
  }
  const backfill = { id: operations - 1, at: lasts / 3, kind: 'backfill', prefix: BACKFILL_PREFIX } as const;
  return {
    seed,
    isVersioned,
    before,
    operations: [...drawn, backfill].sort((a, b) => a.at - b.at),
    faultsEndAt: lasts,
  };
}

function drawAct(draws: Draws, id: number, key: string, isVersioned: boolean): Act {
  const kind = draws.pick(KINDS, 'kind', id);
  const times = draws.share('again', id) < 0.5 ? 2 : 1;
  switch (kind) {
    case 'upload':
      return {
        kind,
        key,
        words: wordsOf(id, draws.pick(PICTURES, 'picture', id)),
        owner: isVersioned ? `user${id}` : OWNER,
      };
    case 'delete':
    case 'show':
    case 'thumbnail':
    case 'classify-key':
      return { kind, key };
    case 'delete-version':
      return { kind, key, older: draws.whole(3, 'older', id) };
    case 'classify':
      return { kind, words: wordsOf(id, draws.pick({ plain: 5, notes: 1 }, 'picture', id)), times };
    case 'job':
      return {
        kind,
        words: wordsOf(id, draws.pick({ plain: 80, slow: 4, broken: 2, crash: 1 }, 'picture', id)),
        times,
      };
    case 'permission':
      return { kind, times };
    case 'search':
      return { kind, label: draws.share('label', id) < 0.5 ? BIG_CAT : `one${draws.whole(id + 1, 'label of', id)}` };
    case 'list':
    case 'newest':
      return { kind };
  }
}
