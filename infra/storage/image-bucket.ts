import { Duration, Stack } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketNotificationDestinationType,
  CfnBucket,
  EventType,
  HttpMethods,
  type IBucket,
  type IBucketNotificationDestination,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEFAULT_NONCURRENT_DAYS } from '../../functions/tag-upload/bucket.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import { allowService } from '../parts/allow-service.ts';
import { dataRemovalPolicy } from '../parts/data-removal.ts';
import type { ImageBucketName } from './watched-bucket.ts';

export interface ImageBucketProps {
  /** Receives the events of the bucket. */
  readonly events: Queue;
  /** Name of an existing bucket. @default - a bucket is created */
  readonly existingName?: string | undefined;
  /** Origins whose pages may upload. @default - none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Days that replaced versions are kept. @default 30 */
  readonly noncurrentDays?: number | undefined;
  /** Whether the bucket stays when the stack is deleted. If not, all its versions are deleted. */
  readonly keepData: boolean;
}

/** Creations lead to tags; removals and expirations lead to tombstones. */
const WATCHED_EVENTS = [EventType.OBJECT_CREATED, EventType.OBJECT_REMOVED, EventType.LIFECYCLE_EXPIRATION] as const;

/**
 * Prefix of the handler that the CDK adds when a stack sets the notifications of a bucket it did
 * not create.
 */
const CDK_HANDLER = 'BucketNotificationsHandler';
const LOGS_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';

/** Days until the parts of an unfinished upload are deleted. */
const ABANDONED_UPLOAD_DAYS = 7;
/** Seconds for which a browser remembers that it may upload. */
const CORS_MAX_AGE_SECONDS = 3600;

/**
 * The watched bucket. A created bucket is private, encrypted, versioned and accepts TLS only. Of an
 * existing bucket, only the event notifications belong to the stack.
 */
export class ImageBucket extends Construct {
  readonly bucket: ImageBucketName;
  private readonly created: Bucket | null;

  constructor(scope: Construct, id: string, props: ImageBucketProps) {
    super(scope, id);
    this.created = props.existingName === undefined ? this.create(props) : null;
    this.bucket = this.created ?? this.adopt(props.existingName ?? '', props.events);
  }

  /** Lets pages of these origins upload. An existing bucket keeps its own CORS rules. */
  allowUploadsFrom(origins: readonly string[]): void {
    this.created?.addCorsRule(toCorsRule(origins));
  }

  private create({ events, corsOrigins = [], noncurrentDays, keepData }: ImageBucketProps): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(noncurrentDays ?? DEFAULT_NONCURRENT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(ABANDONED_UPLOAD_DAYS),
        },
      ],
      cors: corsOrigins.length === 0 ? [] : [toCorsRule(corsOrigins)],
      removalPolicy: dataRemovalPolicy(keepData),
      autoDeleteObjects: !keepData,
    });
    // A bucket that stays goes on accepting TLS only.
    bucket.policy?.applyRemovalPolicy(dataRemovalPolicy(keepData));
    notify(bucket, events);
    acknowledge(bucket, {
      'AwsSolutions-S1':
        'CloudTrail data events record who uploaded what; an account turns them on for all its buckets.',
    });
    return bucket;
  }

  /**
   * Watches an existing bucket without changing its other settings. A custom resource of the CDK
   * adds our notification, and removes it when the stack is deleted.
   */
  private adopt(name: string, events: Queue): IBucket {
    const bucket = Bucket.fromBucketName(this, 'Bucket', name);
    const destination = toDestination(events);
    for (const event of WATCHED_EVENTS) bucket.addEventNotification(event, destination);
    for (const handler of Stack.of(this).node.children.filter(({ node }) => node.id.startsWith(CDK_HANDLER))) {
      acknowledge(handler, {
        [LOGS_POLICY]: 'This policy lets the handler of the CDK write its logs; it runs at deployment only.',
      });
    }
    return bucket;
  }
}

/**
 * Sets the notifications as part of the bucket, without the custom resource that the CDK would add.
 * The policy of the queue allows S3 for this account. It cannot name the bucket: S3 tests the queue
 * when the bucket is created, so that would be a circular dependency.
 */
function notify(bucket: Bucket, events: Queue): void {
  allowService(events, 's3.amazonaws.com');
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new TypeError('the default child of the bucket is not a CfnBucket');
  resource.notificationConfiguration = {
    queueConfigurations: WATCHED_EVENTS.map((event) => ({ event, queue: events.queueArn })),
  };
  // The policy must exist before S3 tests the queue.
  const policy = events.node.tryFindChild('Policy');
  if (policy !== undefined) bucket.node.addDependency(policy);
}

/**
 * Makes the queue the destination of an existing bucket's events, for this account only. The CDK's
 * own destination would accept events of that bucket's name from whichever account owns it later.
 */
function toDestination(events: Queue): IBucketNotificationDestination {
  allowService(events, 's3.amazonaws.com');
  return {
    bind: () => ({
      arn: events.queueArn,
      type: BucketNotificationDestinationType.QUEUE,
      dependencies: events.node.children.filter(({ node }) => node.id === 'Policy'),
    }),
  };
}

function toCorsRule(origins: readonly string[]) {
  return {
    allowedOrigins: [...origins],
    allowedMethods: [HttpMethods.POST, HttpMethods.PUT],
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag'],
    maxAge: CORS_MAX_AGE_SECONDS,
  };
}
