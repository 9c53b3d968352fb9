/**
 * A bucket that exists and notifies others already: its events come from EventBridge. Only images
 * below a prefix are tagged. A key of the account encrypts them.
 */

import { AutoSwiftNet, ModelPackage } from 'autoswiftnet/cdk';
import { App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';

const app = new App();
const stack = new Stack(app, 'Archive');
const bucket = Bucket.fromBucketAttributes(stack, 'Scans', {
  bucketName: 'archive-of-scans',
  encryptionKey: Key.fromKeyArn(
    stack,
    'Key',
    'arn:aws:kms:eu-west-1:123456789012:key/2b1c6f0e-0000-4000-8000-000000000000',
  ),
});
new AutoSwiftNet(stack, 'Tagging', {
  model: ModelPackage.sample(),
  bucket,
  // Turn on EventBridge in the properties of the bucket.
  watch: { prefix: 'incoming/', source: 'event-bridge' },
});
