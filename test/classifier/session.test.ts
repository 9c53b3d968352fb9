import { cp, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { InvalidArgumentError, InvalidPackageError, SelfTestError } from '../../classifier/errors.ts';
import { type Manifest, readManifest } from '../../classifier/manifest.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { defaultThreads, graphFileFor, openSession } from '../../classifier/session.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

let folder: string;
let sample: string;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-'));
  sample = await ensureSamplePackage(folder);
  manifest = await readManifest(sample);
});

afterAll(() => rm(folder, { recursive: true }));

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Copies the sample package, so that a test can damage it. */
async function copyOfSample(name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(sample, copy, { recursive: true });
  return copy;
}

test('a run gives the logits that the converter recorded, whatever the optimization', async () => {
  for (const optimization of ['disabled', 'basic', 'extended', 'all'] as const) {
    const session = await openSession(sample, manifest, { optimization });
    const logits = await session.run(selfTestImage(manifest.selfTest.seed), 1);
    await session.release();

    expect(logits).toHaveLength(1000);
    const most = Math.max(
      ...manifest.selfTest.logits.map((value, index) => Math.abs(value - (logits[index] ?? Number.NaN))),
    );
    expect(most).toBeLessThanOrEqual(manifest.selfTest.tolerance);
  }
});

test('a batch of two gives each image its own logits, [count, classes]', async () => {
  const session = await openSession(sample, manifest);
  const [one, other] = [selfTestImage(1), selfTestImage(2)];

  const both = await session.run(Uint8Array.from([...one, ...other]), 2);
  const alone = await session.run(other, 1);
  await session.release();

  expect(both).toHaveLength(2000);
  const most = Math.max(...alone.map((value, index) => Math.abs(value - (both[1000 + index] ?? Number.NaN))));
  expect(most).toBeLessThanOrEqual(manifest.selfTest.tolerance);
});

test("features are the last convolution's output of each image: their means and the last layer give the logits", async () => {
  const session = await openSession(sample, manifest);
  const images = Uint8Array.from([...selfTestImage(1), ...selfTestImage(2)]);
  const { logits, features } = await session.runWithFeatures(images, 2);
  const plain = await session.run(images, 2);
  await session.release();
  expect(logits).toEqual(plain);

  const [classes, channels] = manifest.classifierWeights.shape;
  const means = Float64Array.from({ length: 2 * channels }, (_, at) => mean(features.subarray(at * 49, (at + 1) * 49)));
  // Its bias follows the rows, whose length is a multiple of 64 bytes.
  const weights = await readFile(join(sample, 'weights.bin'));
  const biases = weights.subarray(manifest.classifierWeights.offset + classes * channels * 4);
  for (const [image, index] of [
    [0, 7],
    [1, 988],
  ] as const) {
    const row = await readClassifierRow(sample, manifest, index);
    const sum = row.reduce((total, weight, at) => total + weight * (means[image * channels + at] ?? Number.NaN), 0);
    expect(sum + biases.readFloatLE(4 * index)).toBeCloseTo(logits[image * classes + index] ?? Number.NaN, 4);
  }
});

test('without such an output there are no features', async () => {
  const renamed = await copyOfSample('renamed');
  const graph = await readFile(join(renamed, 'model.onnx'), 'latin1');
  await writeFile(join(renamed, 'model.onnx'), Buffer.from(graph.replaceAll('features', 'FEATURES'), 'latin1'));
  const session = await openSession(renamed, manifest);

  await expect(session.runWithFeatures(selfTestImage(1), 1)).rejects.toThrow('has no output features');
  await session.release();
});

test('a missing provider is skipped and reported; when none works, that is an error', async () => {
  const session = await openSession(sample, manifest, { providers: ['cuda', 'cpu'] });
  await session.release();

  expect(session).toMatchObject({ provider: 'cpu', refusals: [{ provider: 'cuda', reason: expect.any(String) }] });
  await expect(openSession(sample, manifest, { providers: ['tensorrt', 'cuda'] })).rejects.toThrow(
    /none of the requested execution providers .*\(tensorrt: .*; cuda: /s,
  );
  await expect(openSession(sample, manifest, { providers: [] })).rejects.toThrow(InvalidArgumentError);
  await expect(openSession(sample, manifest, { providers: [] })).rejects.toThrow('for providers');
});

test('the self-test finds a weight that was changed on disk, before anything is classified', async () => {
  const damaged = await copyOfSample('damaged');
  const file = await open(join(damaged, 'weights.bin'), 'r+');
  // The last layer's first weights become large numbers.
  await file.write(Buffer.from(Float32Array.of(1e3, 1e3, 1e3).buffer), 0, 12, manifest.classifierWeights.offset);
  await file.close();

  await expect(openSession(damaged, manifest)).rejects.toThrow(SelfTestError);
});

test('a recorded logit that differs is a self-test error too', async () => {
  const [first = 0, ...others] = manifest.selfTest.logits;
  const wrong = { ...manifest, selfTest: { ...manifest.selfTest, logits: [first + 1, ...others] } };

  await expect(openSession(sample, wrong)).rejects.toThrow(SelfTestError);
  await expect(
    openSession(sample, wrong, { selfTest: false }).then((session) => session.release()),
  ).resolves.toBeUndefined();
});

test('one error names all missing and shortened files', async () => {
  const broken = await copyOfSample('broken');
  await rm(join(broken, 'model.onnx'));
  await truncate(join(broken, 'weights.bin'), 1000);

  await expect(openSession(broken, manifest)).rejects.toMatchObject({
    faults: [{ code: 'no-file' }, { code: 'file-size', message: expect.stringContaining('1000 bytes') }],
  });
});

test('a graph that ONNX Runtime cannot read is an invalid package', async () => {
  const garbled = await copyOfSample('garbled');
  const { bytes } = manifest.files['model.onnx'];
  await writeFile(join(garbled, 'model.onnx'), Buffer.alloc(bytes, 7));

  await expect(openSession(garbled, manifest)).rejects.toThrow(InvalidPackageError);
});

test('the error for a graph with other inputs or outputs lists both sides', async () => {
  const { labels: _, ...rest } = manifest;
  const other: Manifest = { ...rest, classes: 2, labels: [] };

  const refusal = openSession(sample, other);

  await expect(refusal).rejects.toThrow('first output logits float32 [N, 2]');
  await expect(refusal).rejects.toThrow('first output logits float32 [N, 1000]');
});

test.each(['../esc.bin ', '/dev/./zero', 'a/../../esc'])(
  'a graph cannot take its weights from %s',
  async (location) => {
    const escaping = await copyOfSample(`escaping${Buffer.from(location).toString('hex')}`);
    const graph = await readFile(join(escaping, 'model.onnx'), 'latin1');
    // The name has the same length, so that the rest of the message stays valid.
    await writeFile(join(escaping, 'model.onnx'), Buffer.from(graph.replaceAll('weights.bin', location), 'latin1'));
    await cp(join(sample, 'weights.bin'), join(folder, 'esc.bin '));
    await cp(join(sample, 'weights.bin'), join(folder, 'esc'));

    await expect(openSession(escaping, manifest)).rejects.toThrow(InvalidPackageError);
  },
);

test('a link out of the package is not followed either', async () => {
  const linked = await copyOfSample('linked');
  await cp(join(sample, 'weights.bin'), join(folder, 'outside.bin'));
  await rm(join(linked, 'weights.bin'));
  await symlink(join(folder, 'outside.bin'), join(linked, 'weights.bin'));

  await expect(openSession(linked, manifest)).rejects.toThrow(InvalidPackageError);
});

test.each([0, -1, 1.5, Number.NaN])('%d threads are refused', async (threads) => {
  await expect(openSession(sample, manifest, { threads })).rejects.toThrow(InvalidArgumentError);
});

test.each([
  [undefined, 1],
  ['', 1],
  ['nonsense', 1],
  ['512', 1],
  ['1769', 1],
  ['3537', 1],
  ['3538', 2],
  ['10240', 5],
])('with %s MB of Lambda memory a run takes %i threads', (memory, threads) => {
  expect(defaultThreads(memory)).toBe(threads);
});

test('CUDA runs the graph that is made for it, unless there is none or the plain one is wanted', () => {
  const { files } = manifest;
  const both = { files: { ...files, 'model.cuda.onnx': files['model.onnx'] } };

  expect(graphFileFor('cuda', both)).toBe('model.cuda.onnx');
  expect(graphFileFor('cuda', both, true)).toBe('model.onnx');
  expect(graphFileFor('cuda', { files })).toBe('model.onnx');
  for (const provider of ['tensorrt', 'webgpu', 'cpu'] as const) {
    expect(graphFileFor(provider, both)).toBe('model.onnx');
  }
});

test('the graph for CUDA must be sound where it is used, and is not missed elsewhere', async () => {
  const both = { ...manifest, files: { ...manifest.files, 'model.cuda.onnx': { bytes: 7, sha256: 'a'.repeat(64) } } };

  await (await openSession(sample, both)).release();
  await expect(openSession(sample, both, { providers: ['cuda'] })).rejects.toThrow('model.cuda.onnx is missing');
});
