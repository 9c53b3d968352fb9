import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { jest } from '@jest/globals';
import { openDependencies } from '../../../functions/gpu-worker/dependencies.ts';
import { readWorkerSettings } from '../../../functions/gpu-worker/settings.ts';
import { validJob } from '../records/valid-job.ts';

const VARIABLES = {
  AUTOSWIFTNET_HEAVY_MODEL: 'big',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
  AUTOSWIFTNET_TABLE: 'table',
  AUTOSWIFTNET_SERVICE_BUCKET: 'service',
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:results',
};

test('a worker answers a job that has expired by its own clock, which may be wrong', async () => {
  const job = { ...validJob(), expiresAt: 1 };
  const send = jest.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(async () => ({ Item: job }));
  try {
    const { jobs } = openDependencies(VARIABLES, readWorkerSettings(VARIABLES));

    expect(await jobs.read(job.id)).toEqual(job);
  } finally {
    send.mockRestore();
  }
});
