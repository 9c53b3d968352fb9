import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { BACKFILL_PREFIX, RESULT_DAYS } from '../../functions/backfill/result-keys.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import { bucketEncryption } from './bucket-encryption.ts';

/**
 * Days that the images of jobs are kept. S3 counts whole days:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
 */
const JOB_DAYS = 1;
const JOB_PREFIX = 'jobs/';

/**
 * Days that thumbnails are kept. They are removed with their images; this also ends what a crash left
 * behind. To make one again costs as much as to keep it for more than a year.
 */
const THUMBNAIL_DAYS = 90;

export interface ServiceBucketProps {
  /** Whether a deletion of the stack also deletes what is in the bucket, instead of failing. */
  readonly emptied: boolean;
  /** Null: S3 encrypts with a key of its own. */
  readonly encryptionKey: IKey | null;
}

/**
 * The bucket of jobs, thumbnails and the results of backfills. Nothing watches it. Everything in it expires or can be made
 * again, so it is deleted with the stack.
 */
export class ServiceBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { emptied, encryptionKey }: ServiceBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      ...bucketEncryption(encryptionKey),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        {
          prefix: JOB_PREFIX,
          expiration: Duration.days(JOB_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(JOB_DAYS),
        },
        { prefix: THUMBNAIL_PREFIX, expiration: Duration.days(THUMBNAIL_DAYS) },
        { prefix: BACKFILL_PREFIX, expiration: Duration.days(RESULT_DAYS) },
      ],
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: emptied,
    });
    acknowledge(this.bucket, {
      'AwsSolutions-S1': 'Only our own functions write to it, and objects expire.',
    });
  }
}
