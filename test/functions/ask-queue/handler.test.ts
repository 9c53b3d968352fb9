import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { CREDENTIALS, REGION } from '../../../local/names.ts';
import { heavyQueueUrl, startServices } from '../../../local/services.ts';
import { startProxies } from '../../faults/proxies.ts';

const closers: Closers = [];

afterAll(() => closeAll(closers));

test('calls the heavy queue once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-ask-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);
  const proxies = await startProxies(services.endpoints);
  closers.push(() => proxies.close());
  Object.assign(process.env, proxies.variables, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: heavyQueueUrl(services.messaging),
  });
  const { handler } = await import('../../../functions/ask-queue/handler.ts');

  await handler();

  expect([...proxies.calls]).toEqual([['sqs:GetQueueAttributes', 1]]);
});

test('does not start without the URL of the queue', async () => {
  const { askQueueEnvironmentSchema } = await import('../../../functions/ask-queue/settings.ts');
  const { readEnvironment } = await import('../../../functions/environment.ts');

  expect(() => readEnvironment(askQueueEnvironmentSchema, {})).toThrow(
    'AUTOSWIFTNET_HEAVY_QUEUE_URL is not set, expected the URL of the heavy queue',
  );
});
