import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { SERVICE as SERVICE_DIMENSION } from '../../../functions/metric-names.ts';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { CREDENTIALS, REGION, TABLE } from '../../../local/names.ts';
import { startServices } from '../../../local/services.ts';
import { type Proxies, startProxies } from '../../faults/proxies.ts';
import { CLUSTER, type LocalEcs, SERVICE, startLocalEcs } from '../local-ecs.ts';

/** Two machines with three GPUs reach it at the fourth count. */
const HOURS_PER_DAY = 1;
const MINUTES_OF_COUNT = 15;
const USED_UP = expect.objectContaining({ GpuHoursUsedUp: 1, service: SERVICE_DIMENSION, stack: 'Photos' });

const closers: Closers = [];
let ecs: LocalEcs;
let proxies: Proxies;
let handler: (event: { time: string }) => Promise<void>;
let readItem: () => Promise<Record<string, unknown> | undefined>;
const published: object[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-gpu-hours-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);
  proxies = await startProxies(services.endpoints);
  closers.push(() => proxies.close());
  ecs = await startLocalEcs();
  closers.push(() => ecs.close());
  Object.assign(process.env, proxies.variables, ecs.variables, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    AUTOSWIFTNET_STACK: 'Photos',
    AUTOSWIFTNET_TABLE: TABLE,
    AUTOSWIFTNET_GPU_CLUSTER: CLUSTER,
    AUTOSWIFTNET_GPU_SERVICE: SERVICE,
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: String(HOURS_PER_DAY),
  });
  const { metrics } = await import('../../../functions/log.ts');
  Object.defineProperty(metrics, 'publishStoredMetrics', {
    value() {
      published.push(metrics.serializeMetrics());
      metrics.clearMetrics();
    },
  });
  ({ handler } = await import('../../../functions/limit-gpu-hours/handler.ts'));
  readItem = async () => {
    const Key = { pk: 'GPU-USAGE', sk: 'GPU-USAGE' };
    return (await DynamoDBDocumentClient.from(services.dynamodb.client).send(new GetCommand({ TableName: TABLE, Key })))
      .Item;
  };
});

afterAll(() => closeAll(closers));

/** The scheduled call at this time of 26 or another November. */
function callAt(time: string, day = 26): Promise<void> {
  return handler({ time: `2026-11-${day}T${time}:00Z` });
}

test('a day of a service whose tasks crash: machines count, the service is stopped and stays so, and the next day it may start', async () => {
  // A machine with two GPUs, and one that does not name its own.
  ecs.machines = [['gpu-1', 'gpu-2'], null];
  ecs.service = { desiredCount: 2, status: 'ACTIVE' };
  for (const minute of ['00', '05', '10']) await callAt(`09:${minute}`);
  await callAt('09:10');
  expect(await readItem()).toMatchObject({ day: '2026-11-26', minutes: 3 * MINUTES_OF_COUNT, stopped: false });
  expect([ecs.service, ecs.scaleOutSuspended]).toEqual([{ desiredCount: 2, status: 'ACTIVE' }, false]);

  // The hours are used up, but the stop fails. People are told all the same.
  ecs.failing.add('ecs:UpdateService');
  await expect(callAt('09:15')).rejects.toThrow('ecs:UpdateService is not allowed');
  ecs.failing.clear();
  expect(published).toEqual([USED_UP]);
  await callAt('09:20');
  expect([ecs.service, ecs.scaleOutSuspended]).toEqual([{ desiredCount: 0, status: 'ACTIVE' }, true]);
  expect(ecs.calls.slice(-2)).toEqual(['application-autoscaling:RegisterScalableTarget', 'ecs:UpdateService']);
  expect(published).toEqual([USED_UP, USED_UP]);

  // Somebody starts the service all the same.
  ecs.machines = [];
  ecs.service = { desiredCount: 1, status: 'ACTIVE' };
  await callAt('23:55');
  expect(ecs.service.desiredCount).toBe(0);

  await callAt('00:00', 27);
  expect([ecs.scaleOutSuspended, await readItem()]).toEqual([
    false,
    expect.objectContaining({ day: '2026-11-27', minutes: 0, stopped: false }),
  ]);

  // A call of the day before comes late.
  ecs.machines = [['gpu-1']];
  await callAt('23:59');
  expect(await readItem()).toMatchObject({ day: '2026-11-27', minutes: 0 });
});

test('without machines it makes two calls, and changes nothing', async () => {
  ecs.machines = [];
  ecs.calls.length = 0;
  const before = await readItem();
  await callAt('12:00', 27);

  expect(ecs.calls).toEqual(['ecs:ListContainerInstances']);
  expect(await readItem()).toEqual(before);
});
