import { createRequire } from 'node:module';
import type { Context } from 'aws-lambda';
import type sharpType from 'sharp';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const CONTEXT = { functionName: 'backfill', awsRequestId: '0', getRemainingTimeInMillis: () => 900_000 };

/** The handler makes its process one that only decodes; the test files after this one draw. */
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

test('the function answers the state machine, also while its model cannot be opened', async () => {
  Object.assign(process.env, {
    AUTOSWIFTNET_MODELS: '/nonexistent',
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_BUCKET: 'pictures',
    AUTOSWIFTNET_SERVICE_BUCKET: 'autoswiftnet-service',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
    AWS_REGION: 'us-east-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const { handler } = await import('../../../functions/backfill/handler.ts');
  const prepare = { action: 'prepare', runId: 'run', defaultConcurrency: 2, inventoryBucket: null };
  const context = CONTEXT as unknown as Context;

  expect(await handler({ ...prepare, request: { prefix: 'a/' } }, context)).toEqual(
    readRunRequest({ bucket: 'pictures', prefix: 'a/' }, 'run', 2),
  );
  // Step Functions tells errors apart by their names.
  await expect(handler({ ...prepare, request: 1 }, context)).rejects.toMatchObject({ name: 'InvalidRunRequestError' });
});
