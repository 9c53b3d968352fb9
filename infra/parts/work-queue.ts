import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
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
  /** Encrypts both queues. Null: SQS uses a key of its own. */
  readonly encryptionKey: IKey | null;
}

export interface DeadLetterReader {
  /** How long a received dead letter stays hidden. */
  readonly visibilityTimeout: Duration;
  /** After this many attempts SQS moves a dead letter to `parked`. */
  readonly maxReceiveCount: number;
  readonly parked: LastQueue;
}

function secure(key: IKey | null): QueueProps {
  if (key === null) return { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  return { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true };
}

/** A dead-letter queue that nothing reads. Its messages stay until a person has looked at them. */
export class LastQueue extends Queue {
  constructor(scope: Construct, id: string, retentionDays: number, encryptionKey: IKey | null) {
    super(scope, id, { ...secure(encryptionKey), retentionPeriod: Duration.days(retentionDays) });
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
    const { deadLetterReader: reader, deadLetterRetentionDays, encryptionKey } = props;
    this.deadLetters =
      reader === undefined
        ? new LastQueue(this, 'DeadLetters', deadLetterRetentionDays, encryptionKey)
        : new Queue(this, 'DeadLetters', {
            ...secure(encryptionKey),
            retentionPeriod: Duration.days(deadLetterRetentionDays),
            visibilityTimeout: reader.visibilityTimeout,
            deadLetterQueue: { queue: reader.parked, maxReceiveCount: reader.maxReceiveCount },
          });
    this.queue = new Queue(this, 'Queue', {
      ...secure(encryptionKey),
      ...(props.retentionDays === undefined ? {} : { retentionPeriod: Duration.days(props.retentionDays) }),
      visibilityTimeout: props.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
  }
}
