import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionProviderError, SelfTestError } from '../../../../classifier/errors.ts';
import { readManifest } from '../../../../classifier/manifest.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../../../../classifier/self-test.ts';
import { openSession } from '../../../../classifier/session.ts';
import { BrokenEngineError, InferenceError } from '../../../../functions/gpu-worker/errors.ts';
import { type Engine, startEngine } from '../../../../functions/gpu-worker/inference/engine.ts';
import { quantizePackage } from '../../../../models/quantize.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';

const OPTIONS = { providers: ['cpu'], threads: 1, largestBatch: 4 } as const;

let folder: string;
let packageDir: string;
const engines: Engine[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-engine-'));
  packageDir = await ensureSamplePackage(folder);
});

afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.stop())));

afterAll(() => rm(folder, { recursive: true, force: true }));

function start(recycle?: (buffer: ArrayBuffer) => void): Engine {
  const engine = startEngine(recycle);
  engines.push(engine);
  return engine;
}

/** Generated pictures side by side, in a buffer of their own. */
function pictures(...seeds: number[]): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(seeds.length * INPUT_ELEMENTS);
  for (const [index, seed] of seeds.entries()) pixels.set(selfTestImage(seed), index * INPUT_ELEMENTS);
  return pixels;
}

test('the results equal those of the session itself, also for a batch and for the last convolution', async () => {
  const engine = start();
  expect(await engine.open('sample', { ...OPTIONS, packageDir })).toEqual({
    packageDir,
    manifest: await readManifest(packageDir),
    graph: 'model.onnx',
    provider: 'cpu',
    refusals: [],
    sizes: null,
    fallback: null,
  });
  const { logits, features, milliseconds } = await engine.run('sample', pictures(1, 2, 3), 3, [2]);

  const session = await openSession(packageDir, await readManifest(packageDir));
  const expected = await session.runWithFeatures(pictures(1, 2, 3), 3);
  await session.release();
  const each = expected.features.length / 3;
  expect(Buffer.from(logits.buffer).equals(Buffer.from(expected.logits.buffer))).toBe(true);
  expect(features).toHaveLength(1);
  expect(Array.from(features[0] ?? [])).toEqual(Array.from(expected.features.subarray(2 * each)));
  expect(milliseconds).toBeGreaterThan(0);
});

test('pixels are handed over, and come back', async () => {
  const returned: ArrayBuffer[] = [];
  const engine = start((buffer) => returned.push(buffer));
  await engine.open('sample', { ...OPTIONS, packageDir });
  const pixels = pictures(1);
  const run = engine.run('sample', pixels, 1, []);

  expect(pixels).toHaveLength(0);
  await run;
  expect(returned.map(({ byteLength }) => byteLength)).toEqual([INPUT_ELEMENTS]);
  await expect(engine.run('nothing', pictures(1), 1, [])).rejects.toThrow(InferenceError);
  expect(returned).toHaveLength(2);
});

test('the calling thread is not blocked while the other computes', async () => {
  const engine = start();
  await engine.open('sample', { ...OPTIONS, packageDir });
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 2);
  await engine.run('sample', pictures(...Array.from({ length: 32 }, (_, seed) => seed)), 32, []);
  clearInterval(timer);

  expect(ticks).toBeGreaterThan(5);
});

test('a provider that is not there is passed over, and said', async () => {
  const engine = start();
  const { provider, refusals } = await engine.open('sample', { ...OPTIONS, providers: ['cuda', 'cpu'], packageDir });

  expect([provider, refusals.map((refusal) => refusal.provider)]).toEqual(['cpu', ['cuda']]);
});

test('a device that is not there is an error that says so and what to do, if the CPU is not allowed', async () => {
  const engine = start();
  const opening = engine.open('sample', { ...OPTIONS, providers: ['cuda'], packageDir });

  await expect(opening).rejects.toThrow(ExecutionProviderError);
  // npm's package for these tests has no libraries of CUDA.
  if (process.platform === 'linux') await expect(opening).rejects.toThrow('libonnxruntime_providers_cuda.so');
  await expect(opening).rejects.toThrow(
    /works on this machine \(cuda: .+\)\. Install the GPU's driver and libraries, or add cpu/,
  );
});

test('a package that cannot be opened is an error that says why, and others open all the same', async () => {
  const damaged = join(folder, 'damaged', 'sample');
  await cp(packageDir, damaged, { recursive: true });
  const weights = await readFile(join(damaged, 'weights.bin'));
  await writeFile(join(damaged, 'weights.bin'), weights.fill(0, 1_000_000, 1_500_000));
  const engine = start();

  await expect(engine.open('damaged', { ...OPTIONS, packageDir: damaged })).rejects.toThrow(SelfTestError);
  await expect(engine.open('none', { ...OPTIONS, packageDir: folder })).rejects.toThrow(
    'it has no model.json that can be read',
  );
  await engine.open('sample', { ...OPTIONS, packageDir });
  expect(await engine.test('sample')).toBe(true);
});

test('an int8 package that computes wrongly here is answered for by the fp32 one beside it, and says so', async () => {
  const int8 = `${packageDir}.int8`;
  await quantizePackage({ package: packageDir, out: int8 });
  const weights = await readFile(join(int8, 'weights.bin'));
  await writeFile(join(int8, 'weights.bin'), weights.fill(0x60, 100_000, 100_064));
  const engine = start();

  expect(await engine.open('sample.int8', { ...OPTIONS, packageDir: int8 })).toMatchObject({
    packageDir,
    manifest: { precision: 'fp32' },
    fallback: { kind: 'fp32', reason: expect.stringContaining(int8) },
  });
  const { logits } = await engine.run('sample.int8', pictures(1), 1, []);
  const session = await openSession(packageDir, await readManifest(packageDir));
  expect(Array.from(logits)).toEqual(Array.from(await session.run(pictures(1), 1)));
  await session.release();
});

test('a model that is closed is gone', async () => {
  const engine = start();
  await engine.open('sample', { ...OPTIONS, packageDir });
  await engine.close('sample');

  await expect(engine.run('sample', pictures(1), 1, [])).rejects.toThrow(
    'model sample is not open; the open models are: none',
  );
  expect(await engine.test('sample')).toBe(false);
});

test('when stopped during a run it finishes that run, and takes no more requests', async () => {
  const engine = start();
  await engine.open('sample', { ...OPTIONS, packageDir });
  const runs = [engine.run('sample', pictures(1, 2), 2, []), engine.run('sample', pictures(3), 1, [])];
  const stopped = engine.stop();

  await expect(engine.run('sample', pictures(1), 1, [])).rejects.toThrow(BrokenEngineError);
  await stopped;
  expect((await Promise.all(runs)).map(({ logits }) => logits.length)).toEqual([2000, 1000]);
});
