import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { metricValues } from '../../../bench/worker-log.ts';
import { openClassifier } from '../../../classifier/classifier.ts';
import { mulberry32 } from '../../../classifier/mulberry32.ts';
import type { WorkerHealth } from '../../../functions/gpu-worker/health.ts';
import { toJob } from '../../../functions/records/job.ts';
import { requestOfJob } from '../../../functions/routing/heavy-message.ts';
import { HEAVY_QUEUE, SERVICE_BUCKET, UPLOADS_BUCKET } from '../../../local/names.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { eventually, samplePicture } from '../../integration/uploads.ts';
import { publishedPackage } from '../../published-package.ts';
import {
  type HeavyWorld,
  openHeavyWorld,
  type Program,
  untilEmpty,
  type WorkerProcess,
  type WorkerVariables,
} from './heavy-world.ts';

const PICTURES = ['daisy-1', 'pizza-1', 'banana-1', 'maze-1', 'lemon-1', 'acorn-1'];
const SEED = 20261125;

let folder: string;
let packageDir: string;
let program: Program;
let world: HeavyWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-worker-'));
  packageDir = await ensureSamplePackage(folder);
  program = { path: join(publishedPackage(), 'functions/gpu-worker/main.js'), options: [] };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function startWorker(settings?: WorkerVariables): WorkerProcess {
  return world.startWorker(settings, program);
}

/** Puts pictures and asks about each. @returns their keys, with the label that must come out */
async function askAbout(count: number): Promise<Map<string, string>> {
  const bytes = new Map(await Promise.all(PICTURES.map(async (name) => [name, await samplePicture(name)] as const)));
  const expected = new Map<string, string>();
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = PICTURES[index % PICTURES.length] ?? '';
      const key = `many/${index}-${name}.jpg`;
      expected.set(key, name.split('-')[0] ?? '');
      await world.ask({ source: await world.put(key, bytes.get(name) ?? Buffer.alloc(0)) });
    }),
  );
  return expected;
}

/** Label by key, of every record that is final. */
async function answers(keys: Iterable<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const key of keys) {
    const record = await world.records.readRecord({ bucket: UPLOADS_BUCKET, key });
    if (record !== null) found.set(key, record.predictions[0]?.label ?? record.state);
  }
  return found;
}

describe('one worker', () => {
  let worker: WorkerProcess;
  let temporary: string;

  beforeAll(async () => {
    world = await openHeavyWorld(packageDir);
    temporary = join(folder, 'temporary');
    await mkdir(temporary);
    worker = startWorker({ TMPDIR: temporary });
  });

  afterAll(() => world.close());

  test('once it is ready, health says what computes', async () => {
    const response = await fetch(await worker.healthUrl);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ok',
      models: [
        {
          name: 'sample',
          precision: 'fp32',
          graph: 'model.onnx',
          provider: 'cpu',
          refusals: [],
          fallback: null,
          batches: 1,
        },
      ],
      handlers: 1,
      held: 0,
    });
  });

  test("a job is answered with the engine's own predictions and an overlay, an image with its record, tags and label rows", async () => {
    const picture = await samplePicture('daisy-1');
    const source = await world.put('jobs/one', picture, SERVICE_BUCKET);
    const job = toJob({ id: 'one', model: 'sample', top: 3, explain: true, source }, new Date());
    await world.jobs.create(job);
    await world.ask(requestOfJob(job));
    await world.ask({ source: await world.put('daisy.jpg', picture) });

    const done = await eventually(
      () => world.jobs.read('one'),
      (found) => found?.state === 'done',
      20_000,
    );
    expect(await untilEmpty(world, 10_000)).toBe(0);
    const classifier = await openClassifier(packageDir);
    const [own] = await classifier.classify([picture], { top: 3 });
    await classifier.close();
    if (own === undefined || 'error' in own) throw new TypeError('expected an answer');
    expect(done).toMatchObject({ state: 'done', predictions: own.predictions, image: own.image, reason: null });
    expect(done?.explanation).toMatchObject({ label: 'daisy', overlay: { contentType: 'image/png' } });
    const image = await world.records.read({ bucket: UPLOADS_BUCKET, key: 'daisy.jpg' });
    expect(image.entry).toMatchObject({ state: 'tagged', stage: 1, model: 'sample', predictions: { length: 10 } });
    expect(image.rows.map(({ label }) => label)).toContain('daisy');
  });

  test('poison among good images: every good one is answered, every bad one recorded, and the queue is empty', async () => {
    const expected = await askAbout(30);
    const picture = await samplePicture('daisy-1');
    const bad: Record<string, Uint8Array> = {
      'bad/text.jpg': Buffer.from('this is no picture'),
      'bad/nothing.jpg': Buffer.alloc(0),
      'bad/cut-off.jpg': picture.subarray(0, 4000),
      'bad/bomb.png': bomb(),
      'bad/header-only.png': Buffer.from('89504e470d0a1a0a', 'hex'),
    };
    for (const [key, body] of Object.entries(bad)) await world.ask({ source: await world.put(key, body) });
    await world.ask({ source: { ...(await world.put('gone.jpg', picture)), versionId: null, eTag: 'f'.repeat(32) } });

    expect(await untilEmpty(world, 60_000)).toBe(0);
    expect(await answers(expected.keys())).toEqual(expected);
    expect(await answers(Object.keys(bad))).toEqual(new Map(Object.keys(bad).map((key) => [key, 'rejected'])));
    expect(await answers(['gone.jpg'])).toEqual(new Map());
    expect(await world.queued(`${HEAVY_QUEUE}-dead-letters`)).toBe(0);
  });

  test('a message that is not a request and one for an unknown model go to the dead letters, and the second is recorded', async () => {
    const { sqs, queueUrls } = world.services.messaging;
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls[HEAVY_QUEUE], MessageBody: 'hello' }));
    const source = await world.put('unknown.jpg', await samplePicture('daisy-1'));
    await world.ask({ source, model: 'vgg16' });

    await eventually(
      () => world.queued(`${HEAVY_QUEUE}-dead-letters`),
      (count) => count === 2,
      30_000,
    );
    expect(await world.queued(`${HEAVY_QUEUE}-dead-letters`)).toBe(2);
    expect(await world.records.readRecord({ bucket: UPLOADS_BUCKET, key: 'unknown.jpg' })).toMatchObject({
      state: 'failed',
      model: 'vgg16',
      reason: { code: 'unknown-model' },
    });
  });

  test('the inference thread tells Microsoft nothing of the models that it opens', async () => {
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);

    // ONNX Runtime's telemetry keeps its state and its log there.
    const written = await readdir(temporary, { recursive: true });

    expect(written.filter((path) => /\.ses$|mat-debug/.test(path))).toEqual([]);
  });
});

describe('workers that are started and stopped', () => {
  beforeEach(async () => {
    world = await openHeavyWorld(packageDir);
  });

  afterEach(() => world.close());

  test('wrong settings are reported in one line, and end the program', async () => {
    const worker = startWorker({ AUTOSWIFTNET_PROVIDERS: 'rocm' });

    expect(await worker.ended).toBe(1);
    expect(worker.lines.filter((line) => line.includes('AUTOSWIFTNET_PROVIDERS'))).toEqual([
      expect.stringContaining('"message":"the worker cannot start"'),
    ]);
  });

  test('a worker whose machine cannot store its second model ends, and the next one gets what it held at once', async () => {
    const file = { url: 's3://models/big', sha256: '0'.repeat(64) };
    const files = { 'model.json': file, 'model.onnx': file, 'weights.bin': file };
    const worker = startWorker({
      AUTOSWIFTNET_HEAVY_MODELS: 'big',
      AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify({ sample: packageDir, big: files }),
      // Nobody may make a folder there.
      AUTOSWIFTNET_MODEL_CACHE: '/sys/autoswiftnet',
      AUTOSWIFTNET_VISIBILITY_SECONDS: '600',
      // Longer than a receive request waits: one that is aborted may take the message with it.
      AUTOSWIFTNET_STOP_SECONDS: '20',
    });
    await worker.healthUrl;
    await world.ask({ source: await world.put('big.jpg', await samplePicture('daisy-1')), model: 'big' });

    expect(await worker.ended).toBe(1);
    expect(worker.lines.filter((line) => line.includes('"message":"the worker must be replaced"'))).toEqual([
      expect.stringContaining('this machine cannot store or read a model'),
    ]);
    const { sqs, queueUrls } = world.services.messaging;
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrls[HEAVY_QUEUE], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toMatchObject([{ Attributes: { ApproximateReceiveCount: '2' } }]);
  });

  test('SIGTERM under load: exit code 0, each image was counted by one process, and the next worker gets the held messages at once', async () => {
    const expected = await askAbout(80);
    // Long: nothing that the first one held may come back by itself.
    const first = startWorker({
      AUTOSWIFTNET_HANDLERS: '2',
      AUTOSWIFTNET_VISIBILITY_SECONDS: '600',
      AUTOSWIFTNET_STOP_SECONDS: '20',
      POWERTOOLS_METRICS_DISABLED: 'false',
    });
    await first.healthUrl;
    await eventually(
      async () => first.lines.filter((line) => line.includes('image tagged')).length,
      (count) => count >= 10,
    );

    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const doneBefore = (await answers(expected.keys())).size;
    expect(doneBefore).toBeLessThan(80);
    expect(metricValues(first.lines, 'ImagesTagged').reduce((sum, count) => sum + count, 0)).toBe(doneBefore);
    startWorker({ AUTOSWIFTNET_VISIBILITY_SECONDS: '600' });

    expect(await untilEmpty(world, 60_000)).toBe(0);
    expect(await answers(expected.keys())).toEqual(expected);
  });

  test('handlers that are killed are started again; meanwhile health is a 503; they end with their worker', async () => {
    const expected = await askAbout(40);
    const worker = startWorker({ AUTOSWIFTNET_HANDLERS: '2' });
    const url = await worker.healthUrl;
    const health = async () => {
      const response = await fetch(url);
      const body: WorkerHealth = JSON.parse(await response.text());
      return { code: response.status, ...body };
    };
    expect(await health()).toMatchObject({ code: 200, handlers: 2 });
    await eventually(
      async () => worker.lines.filter((line) => line.includes('image tagged')).length,
      (count) => count >= 4,
    );
    for (const pid of handlersOf(worker)) process.kill(pid, 'SIGKILL');

    const stalled = await eventually(health, ({ handlers }) => handlers === 0);
    expect(stalled).toMatchObject({ code: 503, status: 'starting', handlers: 0 });
    expect(await eventually(health, ({ handlers }) => handlers === 2)).toMatchObject({ code: 200, handlers: 2 });
    expect(await untilEmpty(world, 60_000)).toBe(0);
    expect(await answers(expected.keys())).toEqual(expected);
    worker.child.kill('SIGKILL');
    // Its streams close once nobody can write to them any more.
    expect(await worker.ended).toBe('SIGKILL');
    const pids = handlersOf(worker);
    const left = await eventually(
      async () => pids.filter(isAlive),
      ({ length }) => length === 0,
    );
    expect([pids.length, left]).toEqual([4, []]);
  });

  test('two workers, one of them killed at random moments and started again: every image is answered', async () => {
    const random = mulberry32(SEED);
    const expected = await askAbout(60);
    startWorker();
    let victim = startWorker();
    for (let kill = 0; kill < 2; kill += 1) {
      await victim.healthUrl;
      await delay((random() / 2 ** 32) * 600);
      victim.child.kill('SIGKILL');
      expect(await victim.ended).toBe('SIGKILL');
      victim = startWorker();
    }

    expect(await untilEmpty(world, 60_000)).toBe(0);
    expect(await answers(expected.keys())).toEqual(expected);
    expect(await world.queued(`${HEAVY_QUEUE}-dead-letters`)).toBe(0);
  });
});

test('a handler whose worker went while it was starting ends at once, and receives nothing', async () => {
  const nowhere = 'http://127.0.0.1:1';
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: nowhere,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AUTOSWIFTNET_HEAVY_MODEL: 'sample',
    AUTOSWIFTNET_HEAVY_QUEUE_URL: `${nowhere}/queue`,
    AUTOSWIFTNET_TABLE: 'table',
    AUTOSWIFTNET_SERVICE_BUCKET: 'service',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:results',
  };
  const path = join(dirname(program.path), 'handler.js');
  const handler = fork(path, [], { execArgv: [], env: variables, stdio: 'ignore' });
  try {
    handler.disconnect();
    expect(await once(handler, 'exit')).toEqual([1, null]);
  } finally {
    handler.kill('SIGKILL');
  }
});

/** Process ids of the handlers that were ready. */
function handlersOf({ lines }: WorkerProcess): number[] {
  return lines
    .filter((line) => line.includes('"a process handles messages"'))
    .map((line) => {
      const { pid }: { pid: number } = JSON.parse(line);
      return pid;
    });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A PNG of 100,000 x 100,000 pixels, by its header's word. */
function bomb(): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452000186a0000186a00802000000', 'hex');
  return Buffer.concat([header, Buffer.alloc(64)]);
}
