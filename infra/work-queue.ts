import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface WorkQueueProps {
  /** How long a received message stays hidden. */
  readonly visibilityTimeout: Duration;
  /** After this many attempts a message moves to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** @default 4, the default of SQS */
  readonly retentionDays?: number;
  readonly deadLetterRetentionDays: number;
}

/** A queue and its dead-letter queue. Both accept TLS only, and SQS encrypts them. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const both = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...both,
      retentionPeriod: Duration.days(props.deadLetterRetentionDays),
    });
    acknowledge(this.deadLetters, {
      'Serverless-SQSRedrivePolicy': 'It is itself the dead-letter queue; an alarm reports its messages.',
    });
    this.queue = new Queue(this, 'Queue', {
      ...both,
      ...(props.retentionDays === undefined ? {} : { retentionPeriod: Duration.days(props.retentionDays) }),
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
  }
}
