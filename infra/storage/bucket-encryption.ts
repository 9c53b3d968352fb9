import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';

/**
 * Encrypts what comes into a bucket with a key of the account, or with one of S3. A bucket key saves
 * nearly all calls of KMS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
 */
export function bucketEncryption(key: IKey | null): BucketProps {
  if (key === null) return { encryption: BucketEncryption.S3_MANAGED };
  return { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true };
}
