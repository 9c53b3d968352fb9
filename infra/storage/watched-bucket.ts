import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** What the other constructs need of a bucket, whether it was created here or existed before. */
export type ImageBucketName = Pick<IBucket, 'bucketName' | 'bucketArn' | 'bucketRegionalDomainName' | 'arnForObjects'>;

/** A bucket whose images are tagged. */
export interface WatchedBucket {
  readonly bucket: ImageBucketName;
  /** ARN of the watched objects, with wildcards. */
  readonly objects: string;
}
