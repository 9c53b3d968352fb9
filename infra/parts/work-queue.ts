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
  /** How a function reads the dead letters. @default - nothing reads them, an alarm reports them */
  readonly deadLetterReader?: DeadLetterReader;
}

export interface DeadLetterReader {
  /** How long a received dead letter stays hidden. */
  readonly visibilityTimeout: Duration;
  /** After this many attempts SQS moves a dead letter to `parked`. */
  readonly maxReceiveCount: number;
  readonly parked: LastQueue;
}

const SECURE = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;

/** A dead-letter queue that nothing reads. Its messages stay until a person has looked at them. */
export class LastQueue extends Queue {
  constructor(scope: Construct, id: string, retentionDays: number) {
    super(scope, id, { ...SECURE, retentionPeriod: Duration.days(retentionDays) });
    acknowledge(this, {
      'Serverless-SQSRedrivePolicy': 'It is itself a dead-letter queue; an alarm reports its messages.',
    });
  }
}

/** A queue and its dead-letter queue. Both accept TLS only, and SQS encrypts them. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { deadLetterReader: reader, deadLetterRetentionDays } = props;
    this.deadLetters =
      reader === undefined
        ? new LastQueue(this, 'DeadLetters', deadLetterRetentionDays)
        : new Queue(this, 'DeadLetters', {
            ...SECURE,
            retentionPeriod: Duration.days(deadLetterRetentionDays),
            visibilityTimeout: reader.visibilityTimeout,
            deadLetterQueue: { queue: reader.parked, maxReceiveCount: reader.maxReceiveCount },
          });
    this.queue = new Queue(this, 'Queue', {
      ...SECURE,
      ...(props.retentionDays === undefined ? {} : { retentionPeriod: Duration.days(props.retentionDays) }),
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
  }
}
