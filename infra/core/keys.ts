import type { IKey } from 'aws-cdk-lib/aws-kms';

/** What a key of the account may encrypt, beside the watched buckets. */
export type Encrypted = 'table' | 'results' | 'serviceBucket' | 'queues';

/** The key of each of them. Null: AWS encrypts it with a key of its own, which needs no rights. */
export type Keys = Readonly<Record<Encrypted, IKey | null>>;

/** What a program does with encrypted data. */
export interface KeyUses {
  /** What it reads or changes, and messages that it receives. DynamoDB decrypts its table key for writes, too. */
  readonly reads?: readonly Encrypted[];
  /** Objects that it writes. */
  readonly writes?: readonly Encrypted[];
  /** Messages that it sends or publishes. SQS and SNS decrypt the data key that they keep for a while. */
  readonly sends?: readonly Encrypted[];
}

/** Actions on keys, as a policy takes them. */
export interface KeyGrant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Lists the rights on keys that the uses need, and no others.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function keyGrants(keys: Keys, { reads = [], writes = [], sends = [] }: KeyUses): KeyGrant[] {
  const arnsOf = (encrypted: readonly Encrypted[]) => [
    ...new Set(encrypted.flatMap((name) => keys[name]?.keyArn ?? [])),
  ];
  const grants = [
    { actions: ['kms:Decrypt'], resources: arnsOf([...reads, ...sends]) },
    { actions: ['kms:GenerateDataKey'], resources: arnsOf([...writes, ...sends]) },
  ];
  return grants.filter(({ resources }) => resources.length > 0);
}
