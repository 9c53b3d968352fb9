import type { ProgramName } from './programs.ts';

/**
 * The IAM action that an operation of the SDK needs, where the recorder calls it otherwise.
 * `+version` means one version of an object.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const OPERATION_ACTIONS: Readonly<Record<string, string>> = {
  's3:GetObject+version': 's3:GetObjectVersion',
  's3:HeadObject': 's3:GetObject',
  's3:HeadObject+version': 's3:GetObjectVersion',
  's3:GetObjectTagging+version': 's3:GetObjectVersionTagging',
  's3:PutObjectTagging+version': 's3:PutObjectVersionTagging',
  's3:ListObjectsV2': 's3:ListBucket',
  'lambda:Invoke': 'lambda:InvokeFunction',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
};

/**
 * What an operation needs of the key that encrypts its resource. The other operations need nothing:
 * names, sizes, tags and attributes are not encrypted, and a message is removed unread.
 *
 * - S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html ("Permissions").
 *   Who writes in parts needs `kms:Decrypt`, too: S3 reads them to put them together. Step Functions
 *   does so, our programs write each object in one request.
 * - DynamoDB decrypts the key of the table for every use of it:
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
 * - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * - SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * - CloudWatch Logs uses the key itself, by the policy of the key:
 *   https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
const KEY_ACTIONS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^dynamodb:/, ['kms:Decrypt']],
  [/^s3:GetObject(Version|\+version)?$/, ['kms:Decrypt']],
  [/^s3:PutObject$/, ['kms:GenerateDataKey']],
  [/^s3:ListMultipartUploadParts$/, ['kms:Decrypt']],
  [/^sqs:ReceiveMessage$/, ['kms:Decrypt']],
  [/^(sqs:SendMessage|sns:Publish)$/, ['kms:Decrypt', 'kms:GenerateDataKey']],
];

const GONE_IS_404 = 'Without it S3 answers 403, not 404, for an object that is gone.';
const LAMBDA_LOG = 'Lambda itself writes the log, with the role of the function.';
const LAMBDA_TRACING = "Lambda's own tracing.";

const EVERY_FUNCTION = {
  'logs:CreateLogStream on own log': LAMBDA_LOG,
  'logs:PutLogEvents on own log': LAMBDA_LOG,
  'xray:PutTraceSegments on *': LAMBDA_TRACING,
  'xray:PutTelemetryRecords on *': LAMBDA_TRACING,
} as const;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
function eventSource(queue: string): Record<string, string> {
  return {
    [`sqs:ReceiveMessage on ${queue}`]: 'The event source polls the queue with the role of the function.',
    [`sqs:DeleteMessage on ${queue}`]: 'The event source removes what was handled.',
    [`sqs:ChangeMessageVisibility on ${queue}`]: 'The event source hands failed messages back.',
    [`sqs:GetQueueAttributes on ${queue}`]: 'The event source reads how the queue is set up.',
    [`sqs:GetQueueUrl on ${queue}`]: 'The event source looks the queue up.',
  };
}

/** What a program may do although its own code makes no such call, each with the reason. */
export const NEEDS_WITHOUT_CALLS: Readonly<Record<ProgramName | 'state machine', Readonly<Record<string, string>>>> = {
  'tag-upload': { ...EVERY_FUNCTION, ...eventSource('uploads'), 's3:ListBucket on images': GONE_IS_404 },
  backfill: { ...EVERY_FUNCTION, 's3:ListBucket on images': GONE_IS_404 },
  'dead-letters': { ...EVERY_FUNCTION, ...eventSource('uploads dead letters'), 's3:ListBucket on images': GONE_IS_404 },
  api: {
    ...EVERY_FUNCTION,
    's3:GetObjectVersion on images/*': 'The function signs URLs with which others look at one version.',
    's3:PutObject on images/*': 'The function signs forms with which others upload.',
    's3:ListBucket on service': GONE_IS_404,
    's3:DeleteObject on service/thumbnails/*':
      'A thumbnail is removed again if its image was replaced while it was made.',
  },
  'ask-queue': EVERY_FUNCTION,
  health: EVERY_FUNCTION,
  'keep-task-count': EVERY_FUNCTION,
  'limit-gpu-hours': {
    ...EVERY_FUNCTION,
    'ecs:DescribeServices on gpu service':
      'Application Auto Scaling looks at the service with the rights of its caller.',
  },
  // All that Step Functions calls is in the definition.
  'state machine': {},
  'gpu-worker': { 's3:ListBucket on images': GONE_IS_404 },
};

/** A right on a kind of resource, and the key actions that it brings with it. */
export interface Need {
  readonly action: string;
  readonly kind: string;
  readonly onKey: readonly string[];
}

/**
 * Lists what a role must allow: the recorded calls, and what has a reason without a call.
 * @param calls such as `s3:GetObject+version on images/*`
 */
export function needsOf(
  program: keyof typeof NEEDS_WITHOUT_CALLS,
  calls: Iterable<string>,
  { tracing = true }: { readonly tracing?: boolean },
): Need[] {
  const called = [...calls].map((call) => {
    const [operation = '', kind = ''] = call.split(' on ');
    return { action: OPERATION_ACTIONS[operation] ?? operation, kind, onKey: keyActions(operation) };
  });
  const others = Object.keys(NEEDS_WITHOUT_CALLS[program])
    .filter((need) => tracing || !need.startsWith('xray:'))
    .map((need) => {
      const [action = '', kind = ''] = need.split(' on ');
      return { action, kind, onKey: keyActions(action) };
    });
  return [...called, ...others];
}

/** Reasons that nobody needs, because the program does make the call. */
export function needlessReasons(program: ProgramName, calls: Iterable<string>): string[] {
  const called = needsOf(program, calls, {}).slice(0, [...calls].length);
  return called
    .map(({ action, kind }) => `${action} on ${kind}`)
    .filter((need) => need in NEEDS_WITHOUT_CALLS[program]);
}

function keyActions(operation: string): readonly string[] {
  return KEY_ACTIONS.find(([pattern]) => pattern.test(operation))?.[1] ?? [];
}
