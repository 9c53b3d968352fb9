import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type BackfillDependencies, openDependencies } from '../../../functions/backfill/dependencies.ts';
import { MAX_TASKS_AT_ONCE } from '../../../functions/side-by-side/runner.ts';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import { tagImage } from '../../../functions/tagging/tag-image.ts';
import { functionEnvironment } from '../../../local/function-environment.ts';
import { UPLOADS_BUCKET } from '../../../local/names.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { type BootServices, startServices } from '../boot/services.ts';
import { createFunction, putInventory, putMany, readResults, startRun, timeFor } from './backfill-world.ts';
import { createMemoryServices } from './memory-services.ts';

const PICTURE = 'candle-2';
const NEWER_PICTURE = 'lemon-2';
const MANY = 2000;

let folder: string;
let services: BootServices;
let dependencies: BackfillDependencies;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-backfill-'));
  services = await startServices(folder);
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const { endpoints, resultsTopicArn } = services;
  const environment = functionEnvironment({ variables: {}, packageDir, endpoints, resultsTopicArn, heavy: null });
  Object.assign(process.env, environment);
  dependencies = openDependencies(process.env);
  picture = await samplePicture(PICTURE);
});

afterAll(async () => {
  await (await dependencies.classifier()).close();
  await services.close();
  await rm(folder, { recursive: true, force: true });
});

const keysOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}/${String(index).padStart(2, '0')}.jpg`);

async function labelOf(key: string): Promise<string | undefined> {
  const { TagSet = [] } = await services.s3.send(new GetObjectTaggingCommand({ Bucket: UPLOADS_BUCKET, Key: key }));
  return TagSet.find(({ Key }) => Key === 'autoswiftnet:label')?.Value;
}

const recordOf = (key: string) => services.records.readRecord({ bucket: UPLOADS_BUCKET, key });

/** Uploads other content, and handles the events of it as the function of uploads does. */
async function uploadNewer(keys: readonly string[]): Promise<void> {
  services.takeEvent();
  const body = await samplePicture(NEWER_PICTURE);
  for (const Key of keys) await services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key, Body: body }));
  for (const { body: message } of services.takeEvent().Records) {
    for (const event of parseUploadEvents(message)) {
      if (event.kind === 'created') await tagImage(event, dependencies);
    }
  }
}

test('a run whose function is killed in its middle, and which is stopped, ends when it is redriven', async () => {
  const keys = keysOf('killed', 36);
  await putMany(services, keys, picture);
  const { watch, invoke } = createFunction(dependencies);
  const run = startRun('killed', { prefix: 'killed/' }, { itemsPerBatch: 12 });
  const stop = new AbortController();
  const [early, late] = [keys[0] ?? '', keys.at(-1) ?? ''];
  watch.onWrite = async (written) => {
    if (written === 14) await uploadNewer([early, late]);
    if (written !== 20) return;
    stop.abort();
    watch.kill();
  };

  expect(await run.run({ s3: services.s3, invoke, signal: stop.signal })).toMatchObject({ status: 'ABORTED' });
  const before = watch.tagged.size;
  expect(before).toBeLessThan(keys.length);
  expect(await run.run({ s3: services.s3, invoke })).toMatchObject({ status: 'SUCCEEDED' });

  const labels = new Set(await Promise.all(keys.filter((key) => key !== early && key !== late).map(labelOf)));
  expect(labels).toEqual(new Set(['candle']));
  expect(await Promise.all([labelOf(early), labelOf(late)])).toEqual(['lemon', 'lemon']);
  expect((await recordOf(late))?.sequencer).not.toBe('0');
  // Each got its tags once. Only what was under way when the function was killed was read again.
  expect(Math.max(...watch.tagged.values())).toBe(1);
  expect(Math.max(...watch.classified.values())).toBeLessThanOrEqual(2);
  expect([...watch.classified.values()].filter((times) => times === 2).length).toBeLessThanOrEqual(MAX_TASKS_AT_ONCE);
  expect(run.batches.map(({ items, ended }) => [items, ended?.status])).toEqual(Array(3).fill([12, 'SUCCEEDED']));
});

test('a batch whose process ends is tried again, and what the crash left undone is done', async () => {
  const key = 'crash/one.jpg';
  await putMany(services, [key], picture);
  const crashing = createFunction({
    ...dependencies,
    objects: {
      ...dependencies.objects,
      putTags: async () => {
        crashing.watch.kill();
        throw new Error('the process exited');
      },
    },
  });
  const next = createFunction(dependencies);
  const functions = [next, crashing, next];
  const invoke: typeof next.invoke = (...call) => functions.shift()?.invoke(...call) ?? Promise.reject(new Error());

  const end = await startRun('crash', { prefix: 'crash/' }).run({ s3: services.s3, invoke });

  expect(end.status).toBe('SUCCEEDED');
  expect(await labelOf(key)).toBe('candle');
  expect([crashing.watch.classified.get(key), next.watch.classified.get(key)]).toEqual([1, undefined]);
  expect(await readResults(services, 'crash')).toEqual([{ key, outcome: 'already-answered', reason: null }]);
});

test('a picture that ends the process whenever it is read fails alone, and the rest of its batch is tagged', async () => {
  const keys = keysOf('deadly', 7);
  const deadly = keys[4] ?? '';
  await putMany(services, keys, picture);
  const { watch, invoke } = createFunction({
    ...dependencies,
    objects: {
      ...dependencies.objects,
      open: (object, ifMatch) => {
        if (object.key === deadly) watch.kill();
        return dependencies.objects.open(object, ifMatch);
      },
    },
  });

  const run = startRun('deadly', { prefix: 'deadly/' });
  const end = await run.run({ s3: services.s3, invoke });

  expect(end.status).toBe('SUCCEEDED');
  const results = await readResults(services, 'deadly');
  expect(results.map(({ key }) => key).sort()).toEqual(keys);
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([
    { key: deadly, outcome: 'failed', reason: expect.objectContaining({ code: 'backfill-crash' }) },
  ]);
  expect(await recordOf(deadly)).toMatchObject({ state: 'failed', reason: { code: 'backfill-crash' } });
  const others = keys.filter((key) => key !== deadly);
  expect(await Promise.all(others.map(labelOf))).toEqual(Array(others.length).fill('candle'));
});

test('a batch that a call does not finish is finished by the next', async () => {
  const keys = keysOf('long', 4);
  await putMany(services, keys, picture);
  const { watch, invoke } = createFunction(dependencies, timeFor([3]));

  const run = startRun('long', { prefix: 'long/' });
  const end = await run.run({ s3: services.s3, invoke });

  expect(end.status).toBe('SUCCEEDED');
  expect(run.batches.map(({ ended }) => ended?.output)).toEqual([{ calls: 2 }]);
  expect(watch.calls.get('results')).toBe(2);
  expect((await readResults(services, 'long')).map(({ outcome }) => outcome)).toEqual(Array(4).fill('tagged'));
});

test('an inventory counts with its latest versions, and archives are left out', async () => {
  const keys = ['inventory/a b+c.jpg', 'inventory/ünï.jpg'];
  await putMany(services, keys, picture);
  const columns = ['Bucket', 'Key', 'VersionId', 'IsLatest', 'IsDeleteMarker', 'Size', 'ETag', 'StorageClass'];
  const line = (key: string, isLatest = 'true', isMarker = 'false', storageClass = 'STANDARD') => {
    const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
    return [UPLOADS_BUCKET, encoded, 'v', isLatest, isMarker, '3031', 'e', storageClass];
  };
  const manifestKey = await putInventory(services, 'some', columns, [
    ...keys.map((key) => line(key)),
    line(keys[0] ?? '', 'false'),
    line('inventory/gone.jpg', 'true', 'true'),
    line('inventory/cold.jpg', 'true', 'false', 'GLACIER'),
    line('inventory/missing.jpg'),
    line('other/x.jpg'),
  ]);
  const source = { kind: 'inventory', bucket: 'autoswiftnet-service', manifestKey };
  const { watch, invoke } = createFunction(dependencies);

  const end = await startRun('inventory', { source, prefix: 'inventory/' }).run({ s3: services.s3, invoke });

  expect(end.status).toBe('SUCCEEDED');
  expect((await readResults(services, 'inventory')).map(({ key, outcome }) => [key, outcome])).toEqual([
    [keys[0], 'tagged'],
    [keys[1], 'tagged'],
    [keys[0], 'not-latest'],
    ['inventory/gone.jpg', 'not-latest'],
    ['inventory/cold.jpg', 'archived'],
    ['inventory/missing.jpg', 'gone'],
    ['other/x.jpg', 'filtered'],
  ]);
  expect([...watch.classified.keys()].sort()).toEqual([...keys, 'inventory/missing.jpg'].sort());
});

test('2,000 objects of an inventory, with a kill in the middle and a second start, are each tagged once', async () => {
  const keys = Array.from({ length: MANY }, (_, index) => `many/${index}.jpg`);
  const manifestKey = await putInventory(
    services,
    'many',
    ['Bucket', 'Key', 'Size', 'ETag'],
    keys.map((key) => [UPLOADS_BUCKET, key, String(picture.length), 'e1']),
  );
  const memory = createMemoryServices(picture, 'e1');
  const { answerer } = dependencies;
  // All are one picture. The model answers about it once: 2,000 answers take ten seconds and more.
  let answer: ReturnType<typeof answerer.classify> | undefined;
  const classify: typeof answerer.classify = (bytes) => {
    answer ??= answerer.classify(bytes);
    return answer;
  };
  const { watch, invoke } = createFunction({
    ...dependencies,
    ...memory.dependencies,
    answerer: { ...answerer, classify },
    indexThreshold: 1,
  });
  const request = { source: { kind: 'inventory', bucket: 'autoswiftnet-service', manifestKey } };
  const stop = new AbortController();
  watch.onWrite = (written) => {
    if (written !== MANY / 2) return;
    stop.abort();
    watch.kill();
  };

  const run = startRun('many', request);
  expect(await run.run({ s3: services.s3, invoke, signal: stop.signal })).toMatchObject({ status: 'ABORTED' });
  expect(await run.run({ s3: services.s3, invoke })).toMatchObject({ status: 'SUCCEEDED' });

  expect([...memory.entries.values()].filter((entry) => 'state' in entry && entry.state === 'tagged')).toHaveLength(
    MANY,
  );
  expect([...watch.tagged.values()]).toEqual(Array(MANY).fill(1));
  const twice = [...watch.classified.values()].filter((times) => times > 1);
  expect(watch.classified.size).toBe(MANY);
  expect(twice.length).toBeLessThanOrEqual(MAX_TASKS_AT_ONCE);
});

describe('of batches that fail', () => {
  const keys = keysOf('faulty', 4);
  const [bad = ''] = keys;
  let isFaulty = true;

  beforeAll(() => putMany(services, keys, picture));

  const run = (name: string, toleratedFailureShare: number) => {
    const { invoke } = createFunction({
      ...dependencies,
      objects: {
        ...dependencies.objects,
        open: async (object, ifMatch) => {
          if (isFaulty && object.key === bad) throw new Error('S3 is busy');
          return dependencies.objects.open(object, ifMatch);
        },
      },
    });
    const execution = startRun(name, { prefix: 'faulty/', toleratedFailureShare }, { itemsPerBatch: 1 });
    let calls = 0;
    const counted: typeof invoke = (...call) => {
      calls += 1;
      return invoke(...call);
    };
    return { execution, run: () => execution.run({ s3: services.s3, invoke: counted }), calls: () => calls };
  };

  test('the run tolerates a share, and tries each again', async () => {
    const { execution, run: start, calls } = run('tolerant', 0.25);

    expect(await start()).toMatchObject({ status: 'SUCCEEDED' });
    expect(execution.batches.map(({ ended }) => ended?.error ?? null)).toEqual([
      'TooManyFailuresError',
      null,
      null,
      null,
    ]);
    // One call before the map, and two more attempts at the first batch.
    expect(calls()).toBe(1 + 4 + 2);
  });

  test('more of them fail the run, and once it is redriven only they are run again', async () => {
    const { run: start, calls } = run('strict', 0.1);

    expect(await start()).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const before = calls();
    isFaulty = false;
    expect(await start()).toMatchObject({ status: 'SUCCEEDED' });
    // The batches after the failed one were not started before.
    expect(calls() - before).toBe(4);
    expect(await labelOf(bad)).toBe('candle');
  });
});

test('a request that cannot be met fails the run before anything is read', async () => {
  const { watch, invoke } = createFunction(dependencies);
  const run = startRun('wrong', { model: 'other' });

  expect(await run.run({ s3: services.s3, invoke })).toMatchObject({
    status: 'FAILED',
    error: 'InvalidRunRequestError',
    cause: expect.stringContaining('sample is deployed'),
  });
  expect(run.batches).toEqual([]);
  expect(watch.calls.size).toBe(0);
});
