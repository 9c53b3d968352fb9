import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, CfnBucket, HttpMethods, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEFAULT_NONCURRENT_DAYS } from '../../functions/tag-upload/bucket.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import { allowService } from '../parts/allow-service.ts';
import { dataRemovalPolicy } from '../parts/data-removal.ts';
import { bucketEncryption } from './bucket-encryption.ts';
import { addRule, type EventQueues, WATCHED_EVENTS } from './watch-bucket.ts';
import type { WatchOptions } from './watch-options.ts';

export interface ImageBucketProps {
  /** Receive the events of the bucket. */
  readonly queues: EventQueues;
  readonly watch: WatchOptions;
  /** Origins whose pages may upload. @default - none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Days that replaced versions are kept. @default 30 */
  readonly noncurrentDays?: number | undefined;
  /** Whether the bucket stays when the stack is deleted. If not, all its versions are deleted. */
  readonly keepData: boolean;
  /** Null: S3 encrypts with a key of its own. */
  readonly encryptionKey: IKey | null;
}

/** Days until the parts of an unfinished upload are deleted. */
const ABANDONED_UPLOAD_DAYS = 7;
/** Seconds for which a browser remembers that it may upload. */
const CORS_MAX_AGE_SECONDS = 3600;

/** A created bucket whose images are tagged: private, encrypted, versioned, for TLS only. */
export class ImageBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: ImageBucketProps) {
    super(scope, id);
    const { queues, watch, corsOrigins = [], noncurrentDays, keepData, encryptionKey } = props;
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      ...bucketEncryption(encryptionKey),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(noncurrentDays ?? DEFAULT_NONCURRENT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(ABANDONED_UPLOAD_DAYS),
        },
      ],
      removalPolicy: dataRemovalPolicy(keepData),
      autoDeleteObjects: !keepData,
    });
    if (corsOrigins.length > 0) this.allowUploadsFrom(corsOrigins);
    // A bucket that stays goes on accepting TLS only.
    this.bucket.policy?.applyRemovalPolicy(dataRemovalPolicy(keepData));
    if (watch.source === 'event-bridge') this.sendToEventBridge(watch, queues);
    else this.notify(watch, queues.events);
    acknowledge(this.bucket, {
      'AwsSolutions-S1':
        'CloudTrail data events record who uploaded what; an account turns them on for all its buckets.',
    });
  }

  /** Lets pages of these origins upload. */
  allowUploadsFrom(origins: readonly string[]): void {
    this.bucket.addCorsRule({
      allowedOrigins: [...origins],
      allowedMethods: [HttpMethods.POST, HttpMethods.PUT],
      allowedHeaders: ['*'],
      exposedHeaders: ['ETag'],
      maxAge: CORS_MAX_AGE_SECONDS,
    });
  }

  /**
   * Sets the notifications as part of the bucket, without the custom resource that the CDK would
   * add. The policy of the queue allows S3 for this account. It cannot name the bucket: S3 tests the
   * queue when the bucket is created, so that would be a circular dependency.
   */
  private notify({ prefix, suffix }: WatchOptions, events: Queue): void {
    allowService(events, 's3.amazonaws.com');
    const rules = Object.entries({ prefix, suffix }).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value }],
    );
    const filter = rules.length === 0 ? {} : { filter: { s3Key: { rules } } };
    this.resource.notificationConfiguration = {
      queueConfigurations: WATCHED_EVENTS.map((event) => ({ event, queue: events.queueArn, ...filter })),
    };
    // The policy must exist before S3 tests the queue.
    const policy = events.node.tryFindChild('Policy');
    if (policy !== undefined) this.bucket.node.addDependency(policy);
  }

  private sendToEventBridge(watch: WatchOptions, queues: EventQueues): void {
    this.resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    addRule(this, this.bucket as IBucket, watch, queues);
  }

  private get resource(): CfnBucket {
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new TypeError('the default child of the bucket is not a CfnBucket');
    return resource;
  }
}
