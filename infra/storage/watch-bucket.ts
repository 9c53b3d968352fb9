import { Names, Stack } from 'aws-cdk-lib';
import { type IRuleTarget, Match, Rule } from 'aws-cdk-lib/aws-events';
import {
  BucketNotificationDestinationType,
  EventType,
  type IBucket,
  type IBucketNotificationDestination,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../parts/acknowledge.ts';
import { allowService } from '../parts/allow-service.ts';
import type { WatchOptions } from './watch-options.ts';

/** Queues for the events of a bucket. */
export interface EventQueues {
  readonly events: Queue;
  /** Receives what EventBridge cannot deliver. */
  readonly undelivered: Queue;
}

/** Creations lead to tags; removals and expirations lead to tombstones. */
export const WATCHED_EVENTS = [
  EventType.OBJECT_CREATED,
  EventType.OBJECT_REMOVED,
  EventType.LIFECYCLE_EXPIRATION,
] as const;

/** The same events of EventBridge, where an expiration is a deletion with a reason. */
const WATCHED_DETAIL_TYPES = ['Object Created', 'Object Deleted'];

/**
 * Prefix of the handler that the CDK adds when a stack sets the notifications of a bucket it did
 * not create.
 */
const CDK_HANDLER = 'BucketNotificationsHandler';
const LOGS_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';
const MAX_ID_LENGTH = 120;

/** Sends the events of a bucket to the queue. Nothing else of the bucket is changed. */
export function watchBucket(scope: Construct, bucket: IBucket, options: WatchOptions, queues: EventQueues): void {
  if (options.source === 'event-bridge') addRule(scope, bucket, options, queues);
  else addNotifications(bucket, options, queues.events);
}

/**
 * Adds to the notifications of a bucket. A custom resource of the CDK does that, and removes ours
 * when the stack is deleted.
 */
function addNotifications(bucket: IBucket, { prefix, suffix }: WatchOptions, events: Queue): void {
  const destination = toDestination(events);
  const filters = prefix === undefined && suffix === undefined ? [] : [{ ...defined({ prefix, suffix }) }];
  for (const event of WATCHED_EVENTS) bucket.addEventNotification(event, destination, ...filters);
  for (const handler of Stack.of(bucket).node.children.filter(({ node }) => node.id.startsWith(CDK_HANDLER))) {
    acknowledge(handler, {
      [LOGS_POLICY]: 'This policy lets the handler of the CDK write its logs; it runs at deployment only.',
    });
  }
}

/** Adds a rule of EventBridge, to which the bucket must send its events. */
export function addRule(
  scope: Construct,
  bucket: IBucket,
  { prefix = '', suffix = '' }: WatchOptions,
  queues: EventQueues,
): void {
  const id = Names.uniqueResourceName(bucket, { maxLength: MAX_ID_LENGTH });
  new Rule(scope, `EventsOf${id}${prefix}${suffix}`, {
    description: 'Sends the events of a watched bucket to the queue of the uploads',
    eventPattern: {
      source: ['aws.s3'],
      detailType: WATCHED_DETAIL_TYPES,
      detail: { bucket: { name: [bucket.bucketName] }, ...keyPattern(prefix, suffix) },
    },
    targets: [toTarget(queues)],
  });
}

/**
 * Makes the queues the target of a rule. The target of the CDK would let EventBridge use all actions
 * of the queues' key, and the key of the second queue not at all.
 */
function toTarget({ events, undelivered }: EventQueues): IRuleTarget {
  return {
    bind: ({ ruleRef }) => {
      const thisRule = { ArnEquals: { 'aws:SourceArn': ruleRef.ruleArn } };
      for (const queue of [events, undelivered]) allowService(queue, 'events.amazonaws.com', thisRule);
      return { arn: events.queueArn, deadLetterConfig: { arn: undelivered.queueArn }, targetResource: events };
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
function keyPattern(prefix: string, suffix: string) {
  if (prefix === '' && suffix === '') return {};
  if (suffix === '') return { object: { key: Match.prefix(prefix) } };
  if (prefix === '') return { object: { key: Match.suffix(suffix) } };
  const quoted = [prefix, suffix].map((part) => part.replaceAll('\\', '\\\\'));
  return { object: { key: Match.wildcard(quoted.join('*')) } };
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

function defined<Value>(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
