import { BrokenEngineError, InferenceError, MachineError } from '../../../functions/gpu-worker/errors.ts';
import { type HandleMessageDependencies, handleMessage } from '../../../functions/gpu-worker/handle-message.ts';
import type { HeldMessage } from '../../../functions/gpu-worker/heavy-receiver.ts';
import { MAX_RECEIVE_COUNT } from '../../../functions/gpu-worker/queue.ts';
import { createReadGate } from '../../../functions/gpu-worker/read-gate.ts';
import { type Job, replaceableBy } from '../../../functions/records/job.ts';
import { type HeavyRequest, requestOfJob } from '../../../functions/routing/heavy-message.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { validJob } from '../records/valid-job.ts';
import { eTagOf } from '../tagging/memory-bucket.ts';
import { NAME, recordOf, TaggingWorld } from '../tagging/tagging-world.ts';
import { classifyWords } from '../tagging/word-classifier.ts';

const MODEL = {
  name: 'big',
  packageDir: '/big',
  manifest: validManifest(),
  hierarchy: null,
  graph: 'model.onnx',
  provider: 'cpu',
  refusals: [],
  fallback: null,
  sizes: null,
} as const;

/** One object, its record, one job, and a worker that reads words instead of pictures. */
class WorkerWorld extends TaggingWorld {
  job: Job | null = null;
  readonly jobStates: string[] = [];
  readonly told: string[] = [];
  readonly gate = createReadGate(1);
  /** What every classification fails with. */
  fault: Error | null = null;
  leases = 0;

  worker(): HandleMessageDependencies {
    return {
      ...this.dependencies(),
      jobs: {
        create: async () => false,
        read: async () => this.job,
        write: async (job) => {
          if (this.job === null || !replaceableBy(job.state).includes(this.job.state)) return false;
          this.job = job;
          this.jobStates.push(job.state);
          return true;
        },
      },
      classifier: {
        classify: async (_model, bytes, { onDecoded }) => {
          onDecoded();
          if (this.fault !== null) throw this.fault;
          const entry = classifyWords(Buffer.from(bytes).toString());
          if ('error' in entry) throw entry.error;
          return entry;
        },
      },
      shelf: {
        use: async () => {
          this.leases += 1;
          const giveBack = () => {
            this.leases -= 1;
          };
          return { model: MODEL, giveBack };
        },
      },
      gate: this.gate,
      retrySeconds: 30,
      report: {
        onImage: (_request, outcome) => this.told.push(outcome.kind),
        onJob: (_request, outcome) => this.told.push(outcome.kind),
        onFailure: (_request, error) => this.told.push(error instanceof Error ? error.constructor.name : 'fault'),
        onOpened() {},
        onNotOpened() {},
        onClosed() {},
        onReceived() {},
        onBatch() {},
        onSmaller() {},
        onHandlerReady() {},
        onHandlerEnded() {},
        onHandlerStuck() {},
        onFault() {},
        flush() {},
      },
    };
  }

  /** Uploads, and returns the request about it. */
  ask(content: string, changes: Partial<HeavyRequest> = {}): HeavyRequest {
    const { versionId, sequencer } = this.upload(content);
    const source = { ...NAME, versionId, eTag: eTagOf(content), sequencer };
    return { version: 1, jobId: null, source, model: 'big', top: 10, explain: false, ...changes };
  }

  /** Uploads for a job that is queued, and returns the request about it. */
  askJob(content: string): HeavyRequest {
    const { versionId } = this.upload(content);
    this.job = validJob({ model: 'big', source: { ...NAME, versionId, eTag: eTagOf(content) } });
    return requestOfJob(this.job);
  }
}

function message(request: HeavyRequest | string, receiveCount = 1): HeldMessage {
  const body = typeof request === 'string' ? request : JSON.stringify(request);
  return { id: 'id', handle: 'handle', body, receiveCount, sentAt: 0 };
}

describe('an image', () => {
  test('gets tags and record, under the name by which the model was asked', async () => {
    const world = new WorkerWorld();

    expect(await handleMessage(message(world.ask('cat dog')), world.worker())).toEqual({ kind: 'done' });
    expect(recordOf(world)).toMatchObject({
      state: 'tagged',
      stage: 1,
      model: 'big',
      modelSha256: MODEL.manifest.files['weights.bin'].sha256,
    });
    expect(world.published).toHaveLength(1);
    expect([world.told, world.leases]).toEqual([['recorded'], 0]);
  });

  test('whose object is not an image is rejected, and done', async () => {
    const world = new WorkerWorld();

    expect(await handleMessage(message(world.ask('bad noise')), world.worker())).toEqual({ kind: 'done' });
    expect(recordOf(world)).toMatchObject({ state: 'rejected', reason: { code: 'not-an-image' } });
  });

  test('that is delivered again is not answered again', async () => {
    const world = new WorkerWorld();
    const request = world.ask('cat');
    await handleMessage(message(request), world.worker());
    world.steps.length = 0;

    expect(await handleMessage(message(request, 2), world.worker())).toEqual({ kind: 'done' });
    expect(world.steps).not.toContain('write');
  });
});

describe('a job', () => {
  test('runs and is done, with nothing tagged or recorded', async () => {
    const world = new WorkerWorld();
    const request = world.askJob('cat dog bird');

    expect(await handleMessage(message(request), world.worker())).toEqual({ kind: 'done' });
    expect(world.jobStates).toEqual(['running', 'done']);
    expect(world.job).toMatchObject({ state: 'done', predictions: [{ label: 'cat' }, { label: 'dog' }], reason: null });
    expect([world.records.entry, world.bucket.currentTags, world.published]).toEqual([null, [], []]);
  });

  test.each([
    ['a file that is not an image', 'bad', 'not-an-image'],
    ['too many bytes', 'x'.repeat(101), 'image-too-large'],
  ])('of %s is rejected', async (_what, content, code) => {
    const world = new WorkerWorld();
    await handleMessage(message(world.askJob(content)), world.worker());

    expect(world.job).toMatchObject({ state: 'rejected', reason: { code } });
  });

  test('whose image was deleted or replaced is rejected', async () => {
    const gone = new WorkerWorld();
    const request = gone.askJob('cat');
    gone.bucket.delete();
    await handleMessage(message(request), gone.worker());
    expect(gone.job).toMatchObject({ state: 'rejected', reason: { code: 'image-gone' } });

    const replaced = new WorkerWorld();
    const older = replaced.askJob('cat');
    replaced.upload('dog');
    await handleMessage(message(older), replaced.worker());
    expect(replaced.job).toMatchObject({ state: 'rejected', reason: { code: 'image-replaced' } });
  });

  test('that has an answer, or is forgotten, costs no reading', async () => {
    const world = new WorkerWorld();
    const request = world.askJob('cat');
    await handleMessage(message(request), world.worker());
    world.steps.length = 0;
    expect(await handleMessage(message(request), world.worker())).toEqual({ kind: 'done' });
    world.job = null;
    expect(await handleMessage(message(request), world.worker())).toEqual({ kind: 'done' });

    expect([world.steps, world.told]).toEqual([[], ['answered', 'settled', 'settled']]);
  });

  test('that failed on the last attempt says so, and is done after a redrive', async () => {
    const world = new WorkerWorld();
    const request = world.askJob('cat');
    world.fault = new InferenceError('no memory');
    await handleMessage(message(request, MAX_RECEIVE_COUNT), world.worker());
    expect(world.job).toMatchObject({ state: 'failed', reason: { code: 'inference-failed' } });
    world.fault = null;
    await handleMessage(message(request), world.worker());

    expect(world.job).toMatchObject({ state: 'done', reason: null });
  });
});

describe('a failure of ours', () => {
  test.each([
    [1, 30],
    [2, 60],
    [6, 900],
  ])('on attempt %i is tried again in %i s, and nothing is recorded', async (receiveCount, againInSeconds) => {
    const world = new WorkerWorld();
    world.fault = new InferenceError('no memory');

    expect(await handleMessage(message(world.ask('cat'), receiveCount), world.worker())).toEqual({
      kind: 'failed',
      againInSeconds,
    });
    expect([world.records.entry, world.leases]).toEqual([null, 0]);
  });

  test('on the last attempt is recorded, and goes to the dead letters at once', async () => {
    const world = new WorkerWorld();
    world.fault = new InferenceError('no memory');

    expect(await handleMessage(message(world.ask('cat'), MAX_RECEIVE_COUNT), world.worker())).toEqual({
      kind: 'failed',
      againInSeconds: 0,
    });
    expect(recordOf(world)).toMatchObject({ state: 'failed', stage: 1, reason: { code: 'inference-failed' } });
  });

  test.each([
    ['the engine', new BrokenEngineError('gone')],
    ['the machine', new MachineError('the disk is full')],
  ])('of %s does not count as an attempt, except on the last one', async (_what, fault) => {
    const world = new WorkerWorld();
    world.fault = fault;
    const request = world.ask('cat');

    expect(await handleMessage(message(request, 2), world.worker())).toEqual({ kind: 'released' });
    expect((await handleMessage(message(request, MAX_RECEIVE_COUNT), world.worker())).kind).toBe('failed');
    expect(recordOf(world)).toMatchObject({ state: 'failed', reason: { code: fault.code } });
  });

  test('that ends the process on the last attempt was recorded before it, of an image and of a job', async () => {
    const world = new WorkerWorld();
    async function crash(request: HeavyRequest): Promise<void> {
      await new Promise<void>((reached) => {
        const classify = () => {
          reached();
          return new Promise<never>(() => {});
        };
        const dying = { ...world.worker(), gate: createReadGate(1), classifier: { classify } };
        void handleMessage(message(request, MAX_RECEIVE_COUNT), dying);
      });
    }
    await crash(world.ask('crash'));
    await crash(world.askJob('crash'));

    const reason = { code: 'worker-crashed' };
    expect([recordOf(world), world.job]).toMatchObject([
      { state: 'failed', reason },
      { state: 'failed', reason },
    ]);
    expect(world.told).toEqual([]);
  });

  test('that was recorded before the last attempt is replaced by its answer', async () => {
    const world = new WorkerWorld();
    await handleMessage(message(world.ask('cat'), MAX_RECEIVE_COUNT), world.worker());

    expect(world.published.map(({ state }) => state)).toEqual(['failed', 'tagged']);
    expect(recordOf(world)).toMatchObject({ state: 'tagged', reason: null });
  });

  test('a message that is not a request fails on every attempt', async () => {
    const world = new WorkerWorld();

    expect(await handleMessage(message('hello', MAX_RECEIVE_COUNT), world.worker())).toEqual({
      kind: 'failed',
      againInSeconds: 0,
    });
    expect(world.told).toEqual(['HeavyMessageError']);
  });
});

test('when the worker stops a message is handed back, unless it is its last attempt', async () => {
  const world = new WorkerWorld();
  world.gate.close();
  const request = world.ask('cat');

  expect(await handleMessage(message(request), world.worker())).toEqual({ kind: 'released' });
  expect(world.told).toEqual([]);
  expect(await handleMessage(message(request, MAX_RECEIVE_COUNT), world.worker())).toEqual({ kind: 'done' });
  expect(recordOf(world).state).toBe('tagged');
});
