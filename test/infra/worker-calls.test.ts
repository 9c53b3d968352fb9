import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { toJob } from '../../functions/records/job.ts';
import { requestOfJob } from '../../functions/routing/heavy-message.ts';
import { HEAVY_QUEUE, SERVICE_BUCKET, UPLOADS_BUCKET } from '../../local/names.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { type Proxies, startProxies } from '../faults/proxies.ts';
import { type HeavyWorld, openHeavyWorld, untilEmpty } from '../functions/gpu-worker/heavy-world.ts';
import { samplePicture } from '../integration/uploads.ts';
import { onlyResource, useAssemblies } from './assemblies.ts';
import { grantsOf } from './granted-actions.ts';
import { compareCallsWithGrants, FITS } from './operation-actions.ts';

const TEST_TIMEOUT_MS = 120_000;
/** Stands for the CDK's bucket of assets. */
const ASSETS = SERVICE_BUCKET;
/** Stands for an existing watched bucket without versioning. */
const UNVERSIONED = SERVICE_BUCKET;

const assembly = useAssemblies();
let folder: string;
let world: HeavyWorld;
let proxies: Proxies;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-calls-'));
  world = await openHeavyWorld(await ensureSamplePackage(folder));
  proxies = await startProxies(world.services.endpoints);
});

afterAll(async () => {
  await world?.close();
  await proxies?.close();
  await rm(folder, { recursive: true, force: true });
});

test(
  "the GPU worker's calls are what its role allows, no fewer and no more",
  async () => {
    await provokeEveryCall();

    const grants = grantsOf(assembly().template, 'Heavy/Task/TaskRole');
    expect(compareCallsWithGrants('gpu-worker', proxies.calls.keys(), grants)).toEqual(FITS);
  },
  TEST_TIMEOUT_MS,
);

test('two workers on one machine, as two tasks on a machine with two GPUs, both pass the health check', async () => {
  const { variables, healthCheck } = templateWorker();
  const portFile = String(variables['AUTOSWIFTNET_WORKER_PORT_FILE']);
  const [tool = '', ...command] = healthCheck;
  expect(tool).toBe('CMD');
  const checks = ['first', 'second'].map(async (name) => {
    // Each task has a file system of its own.
    const ownFile = join(folder, name);
    const worker = world.startWorker({
      AUTOSWIFTNET_WORKER_PORT: String(variables['AUTOSWIFTNET_WORKER_PORT']),
      AUTOSWIFTNET_WORKER_PORT_FILE: ownFile,
    });
    await worker.healthUrl;
    const [program = '', ...rest] = command.map((word) => word.replace(portFile, ownFile));
    await promisify(execFile)(program, rest);
    worker.child.kill('SIGTERM');
    return readFile(ownFile, 'utf8');
  });

  const [first, second] = await Promise.all(checks);
  expect(first).not.toBe(second);
});

/** Returns the variables and the health check of the container in the template. */
function templateWorker(): { variables: Record<string, unknown>; healthCheck: string[] } {
  const { ContainerDefinitions } = onlyResource(assembly().template, 'AWS::ECS::TaskDefinition');
  const [{ Environment, HealthCheck }] = ContainerDefinitions as [
    { Environment: { Name: string; Value: unknown }[]; HealthCheck: { Command: string[] } },
  ];
  const variables = Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value]));
  return { variables, healthCheck: HealthCheck.Command };
}

/**
 * Makes the worker call everything it can: a model from S3; an image, a damaged image and another
 * one under the same key, in buckets without and with versions; a job; and a message that is tried
 * again.
 */
async function provokeEveryCall(): Promise<void> {
  const [daisy, pizza] = await Promise.all([samplePicture('daisy-1'), samplePicture('pizza-1')]);
  const worker = world.startWorker({
    ...proxies.variables,
    AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify({ sample: await putPackage() }),
    AUTOSWIFTNET_MODEL_CACHE: join(folder, 'cache'),
  });
  await askAbout([daisy, daisy.subarray(0, 500), pizza], UNVERSIONED);
  await askAbout([daisy, pizza], UPLOADS_BUCKET);
  const source = await world.put('jobs/one', daisy, SERVICE_BUCKET);
  const job = toJob({ id: 'one', model: 'sample', top: 1, explain: false, source }, new Date());
  await world.jobs.create(job);
  await world.ask(requestOfJob(job));
  const { sqs, queueUrls } = world.services.messaging;
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls[HEAVY_QUEUE], MessageBody: 'no request' }));
  expect(await untilEmpty(world, 30_000)).toBe(0);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);

  expect(await world.jobs.read('one')).toMatchObject({ state: 'done' });
  expect(await world.records.readRecord({ bucket: UPLOADS_BUCKET, key: 'provoked.jpg' })).toMatchObject({
    state: 'tagged',
    predictions: expect.arrayContaining([expect.objectContaining({ label: 'pizza', rank: 1 })]),
  });
}

/** Asks about the images one after the other, under one key. */
async function askAbout(pictures: readonly Uint8Array[], bucket: string): Promise<void> {
  for (const picture of pictures) {
    await world.ask({ source: await world.put('provoked.jpg', picture, bucket) });
    expect(await untilEmpty(world, 30_000)).toBe(0);
  }
}

/** @returns the value of one package in AUTOSWIFTNET_HEAVY_PACKAGES */
async function putPackage(): Promise<Record<string, { url: string; sha256: string }>> {
  const places = ['model.json', 'model.onnx', 'weights.bin', 'hierarchy.json'].map(async (name) => {
    const bytes = await readFile(join(folder, 'sample', name));
    await world.put(`packages/${name}`, bytes, ASSETS);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return [name, { url: `s3://${ASSETS}/packages/${name}`, sha256 }] as const;
  });
  return Object.fromEntries(await Promise.all(places));
}
