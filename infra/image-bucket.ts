import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  EventType,
  HttpMethods,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEFAULT_NONCURRENT_DAYS } from '../functions/tag-upload/bucket.ts';
import { acknowledge } from './acknowledge.ts';

export interface ImageBucketProps {
  /** Takes the bucket's events. */
  readonly events: Queue;
  /** An existing bucket. @default - one is created */
  readonly existingName?: string | undefined;
  /** Origins whose pages may upload. @default - none */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Days that replaced versions are kept. @default 30 */
  readonly noncurrentDays?: number | undefined;
  /** Whether it stays when the stack is deleted. */
  readonly keepData: boolean;
}

/** What the other constructs ask of the bucket, be it ours or not. */
export type WatchedBucket = Pick<IBucket, 'bucketName' | 'bucketArn' | 'bucketRegionalDomainName' | 'arnForObjects'>;

/** Creations tag, removals and expirations make tombstones. */
const WATCHED_EVENTS = [EventType.OBJECT_CREATED, EventType.OBJECT_REMOVED, EventType.LIFECYCLE_EXPIRATION] as const;

/** What the CDK adds to a stack that sets the notifications of a bucket that is not its own. */
const CDK_HANDLER = 'BucketNotificationsHandler';
const LOGS_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';

/** Parts of uploads that nobody finishes. */
const ABANDONED_UPLOAD_DAYS = 7;
/** Browsers ask that seldom whether they may upload. */
const CORS_MAX_AGE_SECONDS = 3600;

/** The watched bucket: private, encrypted, TLS only, versioned; or one that exists, of which only the events are ours. */
export class ImageBucket extends Construct {
  readonly bucket: WatchedBucket;

  constructor(scope: Construct, id: string, props: ImageBucketProps) {
    super(scope, id);
    this.bucket = props.existingName === undefined ? this.create(props) : this.adopt(props.existingName, props.events);
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
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    notify(bucket, events);
    acknowledge(bucket, {
      'AwsSolutions-S1':
        'CloudTrail data events record who uploaded what; an account turns them on for all its buckets.',
    });
    return bucket;
  }

  /** The bucket's own configuration is its owner's: a custom resource of the CDK adds our notification to it and takes it away again. */
  private adopt(name: string, events: Queue): IBucket {
    const bucket = Bucket.fromBucketName(this, 'Bucket', name);
    for (const event of WATCHED_EVENTS) bucket.addEventNotification(event, new SqsDestination(events));
    for (const handler of Stack.of(this).node.children.filter(({ node }) => node.id.startsWith(CDK_HANDLER))) {
      acknowledge(handler, {
        [LOGS_POLICY]: 'This policy lets the handler of the CDK write its logs; it runs at deployment only.',
      });
    }
    return bucket;
  }
}

/**
 * Notifications as part of the bucket, without the custom resource that the CDK would add. The queue lets S3 send for this account: naming
 * the bucket would make a circle, since S3 tries the queue when the bucket is created.
 */
function notify(bucket: Bucket, events: Queue): void {
  events.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [events.queueArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new TypeError('the default child of the bucket is not a CfnBucket');
  resource.notificationConfiguration = {
    queueConfigurations: WATCHED_EVENTS.map((event) => ({ event, queue: events.queueArn })),
  };
  // Its policy must stand before S3 tries it.
  const policy = events.node.tryFindChild('Policy');
  if (policy !== undefined) bucket.node.addDependency(policy);
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
