import type { FakeAccount } from '../doctor/fake-account.ts';

const QUEUE_URL = 'http://127.0.0.1/queue';

export const STACK = { stack: 'Photos' };

/** A stack with a backfill, in an account where everything is allowed. S3 counted a million objects. */
export function backfillAccount(buckets: { readonly images: string; readonly service: string }): FakeAccount {
  return {
    stackStatus: 'UPDATE_COMPLETE',
    outputs: {
      ...{ ApiUrl: 'http://127.0.0.1', ImageBucket: buckets.images, RecordsTable: 'table', ResultsTopic: 'topic' },
      ...{ UploadsQueueUrl: QUEUE_URL, UploadsDeadLettersUrl: QUEUE_URL, UploadsParkedUrl: QUEUE_URL },
      BackfillStateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Photos-Backfill',
      BackfillFunction: 'Photos-Backfill',
      BackfillConcurrency: '2',
      ServiceBucket: buckets.service,
    },
    resources: [],
    mappings: {},
    functions: {
      'Photos-Backfill': {
        State: 'Active',
        MemorySize: 1769,
        Environment: { Variables: { AUTOSWIFTNET_BUCKET: buckets.images, AUTOSWIFTNET_TAG_LABELS: '1' } },
      },
    },
    unreservedConcurrency: 10,
    quotas: {},
    roles: [],
    alarms: [],
    objectCounts: [
      { Timestamp: Date.parse('2026-11-24T00:00:00Z') / 1000, Average: 3 },
      { Timestamp: Date.parse('2026-11-25T00:00:00Z') / 1000, Average: 1_000_000 },
    ],
    denied: [],
  };
}
