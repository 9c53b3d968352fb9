import { setTimeout as delay } from 'node:timers/promises';
import { BrokenEngineError, InferenceError, OutOfMemoryError } from '../../../../functions/gpu-worker/errors.ts';
import { type BatchReport, createBatcher } from '../../../../functions/gpu-worker/inference/batcher.ts';
import { ByteEngine, picture } from './byte-engine.ts';

const MODEL = { name: 'heavy', classes: 2, sizes: null };
const OTHER = { name: 'other', classes: 2, sizes: null };
const GPU_MODEL = { ...MODEL, sizes: [1, 2, 4, 8] };

function batching({ largest = 4, waitMs = 200 } = {}) {
  const engine = new ByteEngine(8);
  const reports: BatchReport[] = [];
  const smaller: [string, number][] = [];
  const broken: BrokenEngineError[] = [];
  const batcher = createBatcher(engine, {
    largest,
    waitMs,
    buffers: engine.buffers,
    onBatch: (report) => reports.push(report),
    onSmaller: (model, size) => smaller.push([model, size]),
    onBroken: (error) => broken.push(error),
  });
  const submit = (byte: number, model: typeof GPU_MODEL | typeof MODEL = MODEL, features = false) =>
    batcher.submit(model, picture(byte), features);
  return { engine, reports, smaller, broken, submit };
}

async function bestOf(results: Promise<{ logits: Float32Array }>[]): Promise<number[]> {
  return (await Promise.all(results)).map(({ logits }) => logits[0] ?? Number.NaN);
}

function outcomes(results: Promise<{ logits: Float32Array }>[]) {
  return Promise.allSettled(results).then((settled) =>
    settled.map((one) => (one.status === 'fulfilled' ? one.value.logits[0] : one.reason.constructor.name)),
  );
}

test('images that come together are run together, and each gets its own answer', async () => {
  const { engine, reports, submit } = batching();

  expect(await bestOf([submit(1), submit(2), submit(3)])).toEqual([1, 2, 3]);
  expect(engine.runs.map(({ images }) => images)).toEqual([[1, 2, 3]]);
  expect(reports).toEqual([{ model: 'heavy', images: 3, size: 3, milliseconds: 5 }]);
});

test('a full batch does not wait', async () => {
  const { submit, engine } = batching({ largest: 2, waitMs: 60_000 });

  expect(await bestOf([submit(1), submit(2)])).toEqual([1, 2]);
  expect(engine.runs).toHaveLength(1);
});

test('a batch that is not full waits as long as is set, and no longer', async () => {
  const { submit } = batching({ waitMs: 40 });
  const start = performance.now();
  await submit(1);

  expect(performance.now() - start).toBeGreaterThanOrEqual(39);
});

test('while one batch is run a full one waits at the engine, and others grow', async () => {
  const { engine, submit } = batching({ largest: 2, waitMs: 10 });
  engine.hold();
  const first = submit(1);
  await delay(20);
  const others = [submit(2), submit(3), submit(4)];
  await delay(20);
  expect(engine.runs.map(({ images }) => images)).toEqual([[1], [2, 3]]);
  others.push(submit(5));
  await delay(20);
  expect(engine.runs).toHaveLength(2);
  engine.release();

  expect(await bestOf([first, ...others])).toEqual([1, 2, 3, 4, 5]);
  expect(engine.runs.map(({ images }) => images)).toEqual([[1], [2, 3], [4, 5]]);
});

test('batches are padded to the fixed sizes with black, even if the buffer has old content', async () => {
  const { engine, reports, submit } = batching({ largest: 8 });
  await bestOf([1, 2, 3, 4].map((byte) => submit(byte, GPU_MODEL)));
  await bestOf([5, 6, 7].map((byte) => submit(byte, GPU_MODEL)));

  expect(engine.runs.map(({ images }) => images)).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 0],
  ]);
  expect(reports.map(({ images, size }) => [images, size])).toEqual([
    [4, 4],
    [3, 4],
  ]);
});

test('no batch is larger than the largest size of its model', async () => {
  const { engine, submit } = batching({ largest: 16 });

  expect(await bestOf(Array.from({ length: 12 }, (_, byte) => submit(byte, GPU_MODEL)))).toHaveLength(12);
  expect(engine.runs.map(({ images }) => images.length)).toEqual([8, 4]);
});

test('each model has its own batches, and the one that has waited longest runs first', async () => {
  const { engine, submit } = batching();

  expect(await bestOf([submit(1), submit(9, OTHER), submit(2)])).toEqual([1, 9, 2]);
  expect(engine.runs.map(({ model, images }) => [model, images])).toEqual([
    ['heavy', [1, 2]],
    ['other', [9]],
  ]);
});

test('the last convolution goes to those who asked for it', async () => {
  const { engine, submit } = batching();
  const results = await Promise.all([submit(1), submit(2, MODEL, true), submit(3), submit(4, MODEL, true)]);

  expect(engine.runs[0]?.features).toEqual([1, 3]);
  expect(results.map(({ features }) => features?.[0] ?? null)).toEqual([null, 2, null, 4]);
});

describe('a batch that fails', () => {
  test.each([0, 3, 4, 7])('costs only the image that fails alone: the one at %i', async (bad) => {
    const { engine, submit } = batching({ largest: 8 });
    engine.fails = (images) => (images.includes(100) ? new InferenceError('poison') : null);
    const bytes = Array.from({ length: 8 }, (_, index) => (index === bad ? 100 : index));

    expect(await outcomes(bytes.map((byte) => submit(byte)))).toEqual(
      bytes.map((byte) => (byte === 100 ? 'InferenceError' : byte)),
    );
    expect(engine.runs.length).toBeLessThanOrEqual(7);
  });

  test('for want of memory is halved, with every later one', async () => {
    const { engine, smaller, submit } = batching({ largest: 8 });
    engine.fails = (images) => (images.length > 2 ? new OutOfMemoryError('out of memory') : null);
    const bytes = [1, 2, 3, 4, 5, 6, 7, 8];

    expect(await bestOf(bytes.map((byte) => submit(byte)))).toEqual(bytes);
    expect(smaller).toEqual([
      ['heavy', 4],
      ['heavy', 2],
    ]);
    engine.runs.length = 0;
    expect(await bestOf([1, 2, 3, 4].map((byte) => submit(byte)))).toEqual([1, 2, 3, 4]);
    expect(engine.runs.map(({ images }) => images.length)).toEqual([2, 2]);
  });

  test("for want of memory even of one image is that image's error", async () => {
    const { engine, broken, submit } = batching();
    engine.fails = () => new OutOfMemoryError('out of memory');

    expect(await outcomes([submit(1), submit(2)])).toEqual(['OutOfMemoryError', 'OutOfMemoryError']);
    expect(broken).toEqual([]);
  });

  test('blames no image when the model fails its self-test, too', async () => {
    const { engine, broken, submit } = batching();
    engine.fails = () => new InferenceError('illegal memory access');
    engine.works = false;

    expect(await outcomes([submit(1), submit(2)])).toEqual(['BrokenEngineError', 'BrokenEngineError']);
    expect(broken[0]?.message).toContain('illegal memory access');
  });

  test('because the engine is gone is not tried again', async () => {
    const { engine, broken, submit } = batching();
    engine.fails = () => new BrokenEngineError('gone');

    expect(await outcomes([submit(1), submit(2)])).toEqual(['BrokenEngineError', 'BrokenEngineError']);
    expect([engine.runs.length, broken.length]).toEqual([1, 1]);
  });
});
