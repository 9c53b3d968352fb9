import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { ConfigurationError } from '../../functions/errors.ts';
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

/** Characters that mean more than themselves in the ARN of a policy. */
const WILDCARDS = /[*?]|\$\{/;

/**
 * Describes what is watched of a bucket.
 * @throws {ConfigurationError} when the prefix or suffix has a wildcard
 */
export function watchedBucket(bucket: IBucket, { prefix = '', suffix = '' }: WatchOptions): WatchedBucket {
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
