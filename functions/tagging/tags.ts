import type { Environment } from '../environment.ts';
import { type Entry, isTombstone } from '../records/record.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface TagSettings {
  /** How many labels become tags, 0 to 3. With 0, tags are neither written nor read. */
  readonly labels: number;
  /** Labels 2 and 3 become tags only if their probability is above this, 0 to 1. */
  readonly threshold: number;
  /** Whether the hedged concept becomes a tag, too. */
  readonly concept: boolean;
}

type TagVariables = 'AUTOSWIFTNET_TAG_LABELS' | 'AUTOSWIFTNET_TAG_THRESHOLD' | 'AUTOSWIFTNET_TAG_CONCEPT';

/** All of our tags begin with this, and no tag of others does. */
export const TAG_PREFIX = 'autoswiftnet:';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export const MAX_TAGS = 10;
/** In UTF-16 units. */
export const MAX_TAG_VALUE_LENGTH = 256;

/**
 * Characters that S3 does not allow in tags. It allows letters, digits and spaces of any script,
 * and these signs.
 */
const FORBIDDEN = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;
const LONE_HIGH_SURROGATE = /[\uD800-\uDBFF]$/;

export function toTagSettings(settings: Pick<Environment, TagVariables>): TagSettings {
  return {
    labels: settings.AUTOSWIFTNET_TAG_LABELS,
    threshold: settings.AUTOSWIFTNET_TAG_THRESHOLD,
    concept: settings.AUTOSWIFTNET_TAG_CONCEPT,
  };
}

/**
 * Returns our tags for an image, the most important first. An image without a label (rejected,
 * failed) has none. Null: the image is deleted, and its tags must not be touched.
 */
export function ownTags(entry: Entry, { labels, threshold, concept }: TagSettings): Tag[] | null {
  if (isTombstone(entry)) return null;
  const [first, ...others] = entry.predictions;
  if (entry.state !== 'tagged' || first === undefined || labels < 1) return [];
  return [
    tag('label', first.label),
    tag('confidence', first.probability.toFixed(3)),
    ...(concept && entry.concept !== null ? [tag('concept', entry.concept.label)] : []),
    tag('model', entry.model),
    ...others
      .slice(0, labels - 1)
      .filter(({ probability }) => probability > threshold)
      .map(({ label, rank }) => tag(`label-${rank}`, label)),
  ];
}

/**
 * Returns the tags of others unchanged, and as many of ours as S3's limit of ten has room for. The
 * last of ours are left out first.
 */
export function mergeTags(existing: readonly Tag[], ours: readonly Tag[]): Tag[] {
  const others = existing.filter(({ key }) => !key.startsWith(TAG_PREFIX));
  return [...others, ...ours.slice(0, Math.max(0, MAX_TAGS - others.length))];
}

/** Whether both have the same keys with the same values. Keys are unique in each. */
export function isSameTagSet(a: readonly Tag[], b: readonly Tag[]): boolean {
  const values = new Map(a.map(({ key, value }) => [key, value]));
  return a.length === b.length && b.every(({ key, value }) => values.get(key) === value);
}

/**
 * Makes a tag's value from a text: at most 256 UTF-16 units. Characters that S3 does not allow
 * become spaces.
 */
export function toTagValue(text: string): string {
  return text.replace(FORBIDDEN, ' ').slice(0, MAX_TAG_VALUE_LENGTH).replace(LONE_HIGH_SURROGATE, '');
}

function tag(name: string, text: string): Tag {
  return { key: `${TAG_PREFIX}${name}`, value: toTagValue(text) };
}
