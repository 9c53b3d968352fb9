import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStart, runStop } from '../../../cli/backfill/run-backfill.ts';
import { openDependencies } from '../../../functions/backfill/dependencies.ts';
import { functionEnvironment } from '../../../local/function-environment.ts';
import { SERVICE_BUCKET, UPLOADS_BUCKET } from '../../../local/names.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { createFunction, putMany, startRun } from '../../infra/backfill/backfill-world.ts';
import { type BootServices, startServices } from '../../infra/boot/services.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { type FakeAws, startFakeAws } from '../doctor/fake-account.ts';
import { awsVariables } from '../doctor/photos-stack.ts';
import { backfillAccount, STACK } from './backfill-account.ts';
import { type FakeStepFunctions, type RunningMap, startStepFunctions } from './fake-step-functions.ts';
import { keepOutput } from './keep-output.ts';

const OBJECTS = 30;
const KEYS = Array.from({ length: OBJECTS }, (_, place) => `photos/${place} é.jpg`);

let folder: string;
let services: BootServices;
let tagging: ReturnType<typeof createFunction>;
let aws: FakeAws;
let sfn: FakeStepFunctions;
let closeModel: () => Promise<void>;
const output = keepOutput();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-backfill-cli-'));
  services = await startServices(folder);
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const { endpoints, resultsTopicArn } = services;
  aws = await startFakeAws(backfillAccount({ images: UPLOADS_BUCKET, service: SERVICE_BUCKET }));
  sfn = await startStepFunctions(runDefinition);
  Object.assign(
    process.env,
    awsVariables(endpoints, aws.endpoint),
    functionEnvironment({ variables: {}, packageDir, endpoints, resultsTopicArn, heavy: null }),
    { AWS_ENDPOINT_URL_SFN: sfn.endpoint },
  );
  const dependencies = openDependencies(process.env);
  closeModel = async () => (await dependencies.classifier()).close();
  tagging = createFunction(dependencies);
  await putMany(services, KEYS, await samplePicture('candle-2'));
});

afterAll(async () => {
  sfn.close();
  aws.close();
  await closeModel();
  await services.close();
  await rm(folder, { recursive: true, force: true });
});

/** Executes the stack's own definition, which calls the real function. */
async function runDefinition(input: unknown, { name, stopped, counts }: RunningMap): Promise<void> {
  const execution = startRun(name, input, { itemsPerBatch: 10 });
  Object.defineProperties(counts, {
    total: { enumerable: true, get: () => execution.batches.reduce((total, { items }) => total + items, 0) },
    succeeded: {
      enumerable: true,
      get: () => execution.batches.reduce((total, { items, ended }) => total + (ended === null ? 0 : items), 0),
    },
  });
  const ended = await execution.run({ s3: services.s3, invoke: tagging.invoke, signal: stopped });
  if (ended.status === 'FAILED') throw Object.assign(new Error(ended.cause ?? ''), { name: ended.error });
}

test('a run is stopped in its middle, and another start goes on with the rest: each object is tagged once', async () => {
  const stopping: Promise<void>[] = [];
  tagging.watch.onWrite = (written) => {
    if (written === 15) stopping.push(runStop(STACK));
  };

  await runStart({ ...STACK, yes: true, name: 'one', prefix: 'photos/', concurrency: 1, watch: true });
  await Promise.all(stopping);
  const first = output.printed;
  const before = tagging.watch.tagged.size;
  output.printed = '';
  await runStart({ ...STACK, yes: true, name: 'two', prefix: 'photos/', watch: true });

  expect(first).toMatch(/^autoswiftnet-uploads: 30 objects \(listed\)$/m);
  expect(first).toMatch(/^backfill one of the stack Photos: stopped,/m);
  expect(before).toBeLessThan(OBJECTS);
  expect(output.printed).toMatch(/^backfill two of the stack Photos: finished,/m);
  expect(output.printed).toMatch(/^30 of 30 objects, /m);
  const countOf = (kind: string) =>
    Number(new RegExp(`^results by kind: .*\\b${kind} (\\d+)`, 'm').exec(output.printed)?.[1]);
  expect(countOf('already-answered')).toBeGreaterThan(10);
  expect(countOf('tagged') + countOf('already-answered')).toBe(OBJECTS);
  expect([...tagging.watch.tagged.values()]).toEqual(Array(OBJECTS).fill(1));
});
