import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { readManifest } from '../../classifier/manifest.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { openSession } from '../../classifier/session.ts';
import { InvalidWeightsError } from '../../models/checkpoint/errors.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { halvePackage } from '../../models/halve.ts';
import { NotAFloatPackageError } from '../../models/package/errors.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { verifyPackage } from '../../models/verify.ts';
import { writeLegacyCheckpoint } from './checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from './graph/random-network.ts';

let folder: string;
let sample: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halve-'));
  sample = await ensureSamplePackage(folder);
});

afterAll(() => rm(folder, { recursive: true }));

test('an fp16 package has half of the bytes, the same inputs and outputs, and logits within a thousandth of their spread', async () => {
  const out = join(folder, 'sample.fp16');

  const manifest = await halvePackage({ package: sample, out });

  const float = await readManifest(sample);
  expect(manifest).toMatchObject({ name: 'sample.fp16', precision: 'fp16' });
  expect(manifest.fidelity).toMatchObject({ top1Agreement: 1, imageSource: 'generated', calibration: null });
  expect(await verifyPackage(out)).toMatchObject({ ok: true });
  expect(manifest.files['hierarchy.json']).toEqual(float.files['hierarchy.json']);
  // The fully connected layer of 512 kB is not changed, also for activation maps.
  const [half, whole] = [manifest, float].map(({ files }) => files['weights.bin'].bytes);
  expect((half ?? 0) / (whole ?? 1)).toBeLessThan(0.6);
  expect(await readClassifierRow(out, manifest, 7)).toEqual(await readClassifierRow(sample, float, 7));

  const [one, other] = await Promise.all([openSession(sample, float), openSession(out, manifest)]);
  const image = selfTestImage(9);
  const [expected, found] = await Promise.all([one.runWithFeatures(image, 1), other.runWithFeatures(image, 1)]);
  await Promise.all([one.release(), other.release()]);
  const mean = expected.logits.reduce((sum, logit) => sum + logit, 0) / expected.logits.length;
  const spread = Math.sqrt(expected.logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / 1000);
  const most = expected.logits.reduce(
    (worst, logit, at) => Math.max(worst, Math.abs(logit - (found.logits[at] ?? 0))),
    0,
  );
  expect(most / spread).toBeLessThan(1e-2);
  expect(found.features).toHaveLength(expected.features.length);
});

test('the error names a weight beyond half precision, and nothing is written', async () => {
  const entries = randomNetwork(TINY_BASIC).map((entry) =>
    entry.name === 'layer2.0.bn1.bias' ? { ...entry, fill: (values: Float32Array) => values.fill(70_000) } : entry,
  );
  await writeLegacyCheckpoint(join(folder, 'large.pth'), entries);
  await convertCheckpoint({ checkpoint: join(folder, 'large.pth'), out: join(folder, 'large') });

  const attempt = halvePackage({ package: join(folder, 'large'), out: join(folder, 'large.fp16') });

  await expect(attempt).rejects.toThrow(InvalidWeightsError);
  await expect(attempt).rejects.toThrow(/layer2\.0\.conv1\.bias: element 0 .* at most 65504/);
  expect((await readdir(folder)).filter((name) => name.includes('large.fp16'))).toEqual([]);
});

test('an fp16 package cannot be halved again', async () => {
  await halvePackage({ package: sample, out: join(folder, 'once.fp16') });

  await expect(halvePackage({ package: join(folder, 'once.fp16'), out: join(folder, 'twice.fp16') })).rejects.toThrow(
    NotAFloatPackageError,
  );
});

test('a network of bottlenecks has a graph for CUDA, which is verified; one of basic blocks has none', async () => {
  await writeLegacyCheckpoint(join(folder, 'bottleneck.pth'), randomNetwork(TINY_BOTTLENECK));
  await convertCheckpoint({ checkpoint: join(folder, 'bottleneck.pth'), out: join(folder, 'bottleneck') });
  const out = join(folder, 'bottleneck.fp16');
  const basic = await halvePackage({ package: sample, out: join(folder, 'basic.fp16') });

  const { files } = await halvePackage({ package: join(folder, 'bottleneck'), out });
  // Replacing it works: the graph is known as one of a package's files.
  await halvePackage({ package: join(folder, 'bottleneck'), out, force: true });

  expect(basic.files).not.toHaveProperty(['model.cuda.onnx']);
  expect((await readdir(out)).toSorted()).toEqual(['model.cuda.onnx', 'model.json', 'model.onnx', 'weights.bin']);
  expect(await verifyPackage(out)).toMatchObject({ ok: true });
  await truncate(join(out, 'model.cuda.onnx'), (files['model.cuda.onnx']?.bytes ?? 0) - 1);
  expect(await verifyPackage(out)).toMatchObject({
    ok: false,
    faults: [{ code: 'file-size', message: expect.stringContaining('model.cuda.onnx') }],
  });
});
