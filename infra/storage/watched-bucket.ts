import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { ConfigurationError } from '../../functions/errors.ts';
import { shownValue } from '../configuration/shown-value.ts';
import type { WatchOptions } from './watch-options.ts';

/** A bucket whose images are tagged. */
export interface WatchedBucket {
  readonly bucket: IBucket;
  readonly prefix: string;
  readonly suffix: string;
  /** ARN of the watched objects, with wildcards. */
  readonly objects: string;
  /** ARN of the key that encrypts the objects, or null where S3 needs none of ours. */
  readonly keyArn: string | null;
}

const SOURCES: readonly string[] = ['notifications', 'event-bridge'];

/** Characters that mean more than themselves in the ARN of a policy. */
const WILDCARDS = /[*?]|\$\{/;

/**
 * Describes what is watched of a bucket.
 * @throws {ConfigurationError} when the prefix or suffix has a wildcard, or an option has another value
 * than it may have
 */
export function watchedBucket(bucket: IBucket, options: WatchOptions): WatchedBucket {
  requireOptions(options);
  const { prefix = '', suffix = '' } = options;
  for (const [name, value] of Object.entries({ prefix, suffix })) {
    if (WILDCARDS.test(value)) {
      throw new ConfigurationError(
        `the ${name} of a watched bucket is ${JSON.stringify(value)}, but it cannot have *, ? or \${: S3 would compare them as they are, and IAM would not. Choose a shorter ${name} without them.`,
      );
    }
  }
  return {
    bucket,
    prefix,
    suffix,
    objects: bucket.arnForObjects(`${prefix}*${suffix}`),
    keyArn: bucket.encryptionKey?.keyArn ?? null,
  };
}

/**
 * Refuses objects that are watched already: each upload would be tagged twice, and S3 accepts no
 * two notifications that overlap.
 * @throws {ConfigurationError}
 */
export function requireUnwatched(added: WatchedBucket, watched: readonly WatchedBucket[]): void {
  const same = watched.find(
    ({ bucket, prefix, suffix }) =>
      bucket.bucketArn === added.bucket.bucketArn &&
      (prefix.startsWith(added.prefix) || added.prefix.startsWith(prefix)) &&
      (suffix.endsWith(added.suffix) || added.suffix.endsWith(suffix)),
  );
  if (same === undefined) return;
  const shown = ({ prefix, suffix }: WatchedBucket) => JSON.stringify({ prefix, suffix });
  throw new ConfigurationError(
    `${added.bucket.node.path} is watched already with ${shown(same)}, and ${shown(added)} overlaps with that. Choose prefixes or suffixes that no key can match together, or leave one of them out.`,
  );
}

/** Plain JavaScript lets everything pass. */
function requireOptions(options: WatchOptions): void {
  const expected: Readonly<Record<keyof WatchOptions, string>> = {
    prefix: 'text, such as "photos/"',
    suffix: 'text, such as ".jpg"',
    source: 'notifications or event-bridge',
  };
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      `what is watched must be an object such as { prefix: 'photos/' }, but it is ${shownValue(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const wanted = expected[name as keyof WatchOptions];
    if (wanted === undefined) {
      throw new ConfigurationError(`a watched bucket has no option ${name}. Use ${Object.keys(expected).join(', ')}.`);
    }
    const isKnown = name === 'source' ? SOURCES.includes(value as string) : typeof value === 'string';
    if (value !== undefined && !isKnown) {
      throw new ConfigurationError(
        `the ${name} of a watched bucket must be ${wanted}, but it is ${shownValue(value)}.`,
      );
    }
  }
}
