import { actionOf, type Grant } from './granted-actions.ts';

/**
 * The IAM action that each operation of the SDK needs, by the recorder's name of the operation.
 * `+version` means one version of an object.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const OPERATION_ACTIONS: Readonly<Record<string, string>> = {
  's3:GetObject': 's3:GetObject',
  's3:GetObject+version': 's3:GetObjectVersion',
  's3:HeadObject': 's3:GetObject',
  's3:HeadObject+version': 's3:GetObjectVersion',
  's3:GetObjectTagging': 's3:GetObjectTagging',
  's3:GetObjectTagging+version': 's3:GetObjectVersionTagging',
  's3:PutObjectTagging': 's3:PutObjectTagging',
  's3:PutObjectTagging+version': 's3:PutObjectVersionTagging',
  's3:PutObject': 's3:PutObject',
  's3:DeleteObject': 's3:DeleteObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'lambda:Invoke': 'lambda:InvokeFunction',
  'dynamodb:BatchGetItem': 'dynamodb:BatchGetItem',
  'dynamodb:DeleteItem': 'dynamodb:DeleteItem',
  'dynamodb:GetItem': 'dynamodb:GetItem',
  'dynamodb:PutItem': 'dynamodb:PutItem',
  'dynamodb:Query': 'dynamodb:Query',
  'dynamodb:UpdateItem': 'dynamodb:UpdateItem',
  'ecs:DescribeContainerInstances': 'ecs:DescribeContainerInstances',
  'ecs:DescribeServices': 'ecs:DescribeServices',
  'ecs:ListContainerInstances': 'ecs:ListContainerInstances',
  'ecs:UpdateService': 'ecs:UpdateService',
  'application-autoscaling:RegisterScalableTarget': 'application-autoscaling:RegisterScalableTarget',
  'sns:Publish': 'sns:Publish',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes': 'sqs:GetQueueAttributes',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:ReceiveMessage': 'sqs:ReceiveMessage',
  'sqs:SendMessage': 'sqs:SendMessage',
};

const GONE_IS_404 = 'Without it S3 answers 403, not 404, for an object that is gone.';

/** Each list names actions. All lists are empty if the role fits. */
export interface Comparison {
  readonly notAllowed: readonly string[];
  readonly notCalled: readonly string[];
  /** Reasons that are not needed, because the program does call the action. */
  readonly reasonNotNeeded: readonly string[];
}

export const FITS: Comparison = { notAllowed: [], notCalled: [], reasonNotNeeded: [] };

const EVERY_FUNCTION = {
  'logs:CreateLogStream': 'Lambda itself writes the log, with the role of the function.',
  'logs:PutLogEvents': 'Lambda itself writes the log, with the role of the function.',
  'xray:PutTraceSegments': "Lambda's own tracing.",
  'xray:PutTelemetryRecords': "Lambda's own tracing.",
} as const;

const EVENT_SOURCE = {
  'sqs:ReceiveMessage': 'The event source polls the queue with the role of the function.',
  'sqs:DeleteMessage': 'The event source removes what was handled.',
  'sqs:ChangeMessageVisibility': 'The event source hands failed messages back.',
  'sqs:GetQueueAttributes': 'The event source reads how the queue is set up.',
  'sqs:GetQueueUrl': 'The event source looks the queue up.',
} as const;

/**
 * Actions that a program may use although its own code makes no such call, each with the reason.
 */
export const ACTIONS_WITHOUT_CALLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'tag-upload': { ...EVERY_FUNCTION, ...EVENT_SOURCE, 's3:ListBucket': GONE_IS_404 },
  backfill: { ...EVERY_FUNCTION, 's3:ListBucket': GONE_IS_404 },
  'dead-letters': { ...EVERY_FUNCTION, ...EVENT_SOURCE, 's3:ListBucket': GONE_IS_404 },
  api: {
    ...EVERY_FUNCTION,
    's3:GetObjectVersion': 'The function signs URLs with which others look at one version.',
    's3:DeleteObject': 'A thumbnail is removed again if its image was replaced while it was made.',
  },
  'ask-queue': EVERY_FUNCTION,
  health: EVERY_FUNCTION,
  'keep-task-count': EVERY_FUNCTION,
  'limit-gpu-hours': {
    ...EVERY_FUNCTION,
    'ecs:DescribeServices': 'Application Auto Scaling looks at the service with the rights of its caller.',
  },
  'gpu-worker': { 's3:ListBucket': GONE_IS_404 },
};

/**
 * Compares a program's calls with its role: each call needs an action, and each action needs a call
 * or a reason.
 * @param program a key of {@link ACTIONS_WITHOUT_CALLS}
 */
export function compareCallsWithGrants(program: string, calls: Iterable<string>, grants: readonly Grant[]): Comparison {
  const called = [...calls].map((call) => OPERATION_ACTIONS[call] ?? `no action is known for ${call}`);
  const withoutCall = Object.keys(ACTIONS_WITHOUT_CALLS[program] ?? {});
  const needed = new Set([...called, ...withoutCall]);
  const granted = new Set(grants.map(actionOf));
  return {
    notAllowed: [...needed].filter((action) => !granted.has(action)).sort(),
    notCalled: [...granted].filter((action) => !needed.has(action)).sort(),
    reasonNotNeeded: withoutCall.filter((action) => called.includes(action)),
  };
}
