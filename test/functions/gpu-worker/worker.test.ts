import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { WorkerDependencies } from '../../../functions/gpu-worker/dependencies.ts';
import { createWorkerReport } from '../../../functions/gpu-worker/report.ts';
import { readWorkerSettings } from '../../../functions/gpu-worker/settings.ts';
import { type GpuWorker, startWorker } from '../../../functions/gpu-worker/worker.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { userS3 } from '../../integration/uploads.ts';
import { TaggingWorld } from '../tagging/tagging-world.ts';

class SilentMetrics extends Metrics {
  override publishStoredMetrics(): this {
    this.clearMetrics();
    return this;
  }
}

let folder: string;
const workers: GpuWorker[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-worker-'));
  await ensureSamplePackage(folder);
});

afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A worker of that model whose queue stays empty; `received` tells how often it was asked. */
async function workerOf(model: string) {
  const world = new TaggingWorld();
  let received = 0;
  const dependencies: WorkerDependencies = {
    ...world.dependencies(),
    s3: userS3('http://127.0.0.1:1'),
    jobs: { create: async () => true, read: async () => null, write: async () => false },
    queue: {
      async receive() {
        received += 1;
        await delay(20);
        return [];
      },
      hide: async () => {},
      delete: async () => {},
    },
  };
  const settings = readWorkerSettings({
    AUTOSWIFTNET_MODELS: folder,
    AUTOSWIFTNET_HEAVY_MODEL: model,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:1/queue',
    AUTOSWIFTNET_TABLE: 'table',
    AUTOSWIFTNET_SERVICE_BUCKET: 'service',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:results',
    AUTOSWIFTNET_WORKER_PORT: '0',
    AUTOSWIFTNET_STOP_SECONDS: '5',
  });
  const report = createWorkerReport(new Logger({ logLevel: 'SILENT' }), new SilentMetrics({ namespace: 'test' }));
  const worker = await startWorker({ settings, dependencies, report });
  workers.push(worker);
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${worker.port}/health`);
    const body: object = JSON.parse(await response.text());
    return { code: response.status, ...body };
  };
  return { worker, health, received: () => received };
}

test('health is a 503, and no message is taken, until the model is warm', async () => {
  const { worker, health, received } = await workerOf('sample');

  expect(await health()).toEqual({ code: 503, status: 'starting', models: [], handlers: 0, held: 0 });
  expect(received()).toBe(0);
  await worker.ready;
  expect(await health()).toMatchObject({
    code: 200,
    status: 'ok',
    models: [{ name: 'sample', batches: 1 }],
    handlers: 1,
  });
  await delay(50);
  expect(received()).toBeGreaterThan(0);
});

test('told to end it says so, while it lets its receives come back', async () => {
  const { worker, health } = await workerOf('sample');
  await worker.ready;
  const stopped = worker.stop();

  expect(await health()).toMatchObject({ code: 503, status: 'stopping' });
  await stopped;
  workers.length = 0;
  await expect(health()).rejects.toThrow();
});

test('a model that cannot be opened keeps it from ever being ready', async () => {
  const { worker, health, received } = await workerOf('none');

  await expect(worker.ready).rejects.toThrow('there is no such folder');
  expect([await health(), received()]).toMatchObject([{ code: 503, status: 'starting' }, 0]);
});
