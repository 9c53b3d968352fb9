import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface WorkQueueProps {
  /** A message that was received is hidden for so long. */
  readonly visibilityTimeout: Duration;
  /** After this many attempts a message goes to the dead letters. */
  readonly maxReceiveCount: number;
  /** @default 4, SQS's own */
  readonly retentionDays?: number;
  readonly deadLetterRetentionDays: number;
}

/** A queue and the one for what could not be handled; TLS only, encrypted by SQS. */
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
