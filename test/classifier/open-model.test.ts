import { cp, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClassifier } from '../../classifier/classifier.ts';
import { ExecutionProviderError, InvalidPackageError, SelfTestError } from '../../classifier/errors.ts';
import { type Manifest, readManifest } from '../../classifier/manifest.ts';
import { openModel } from '../../classifier/open-model.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { type ModelSession, openSession, type SessionOptions } from '../../classifier/session.ts';
import { quantizePackage } from '../../models/quantize.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

let root: string;
let folder: string;
let float: string;
let int8: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'open-model-'));
  const sound = await ensureSamplePackage(join(root, 'sound'));
  await quantizePackage({ package: sound, out: `${sound}.int8` });
});

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
  await cp(join(root, 'sound'), folder, { recursive: true });
  float = join(folder, 'sample');
  int8 = join(folder, 'sample.int8');
});

afterAll(() => rm(root, { recursive: true }));

/** Makes the first weights of the last layer large. */
async function flipWeights(packageDir: string): Promise<void> {
  const { classifierWeights } = await readManifest(packageDir);
  const file = await open(join(packageDir, 'weights.bin'), 'r+');
  await file.write(Buffer.alloc(64, 0x60), 0, 64, classifierWeights.offset);
  await file.close();
}

async function changeManifest(packageDir: string, change: (manifest: Manifest) => void): Promise<void> {
  const path = join(packageDir, 'model.json');
  const manifest: Manifest = JSON.parse(await readFile(path, 'utf8'));
  change(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

async function opened(packageDir: string) {
  const { session, ...facts } = await openModel(packageDir);
  await session.release();
  return facts;
}

test('an intact int8 package is used itself', async () => {
  expect(await opened(int8)).toMatchObject({ packageDir: int8, manifest: { precision: 'int8' }, fallback: null });
});

test('an int8 package that fails its self-test is opened again with exact kernels', async () => {
  // This replaces a CPU whose fast kernels are wrong, which none of our machines has.
  const wrongKernels: typeof openSession = async (packageDir, manifest, options = {}) => {
    if (!options.exactInt8) throw new SelfTestError('wrong here');
    return openSession(packageDir, manifest, options);
  };

  const { session, ...facts } = await openModel(int8, {}, wrongKernels);
  await session.release();

  expect(facts).toMatchObject({
    packageDir: int8,
    manifest: { precision: 'int8' },
    fallback: { kind: 'exact-int8', reason: expect.any(SelfTestError) },
  });
});

test('exact kernels give the same results, because no weight of ours can saturate', async () => {
  const manifest = await readManifest(int8);
  const [fast, exact] = await Promise.all([
    openSession(int8, manifest),
    openSession(int8, manifest, { exactInt8: true }),
  ]);
  const image = selfTestImage(5);
  const [one, other] = await Promise.all([fast.run(image, 1), exact.run(image, 1)]);
  await Promise.all([fast.release(), exact.release()]);

  const most = one.reduce((worst, logit, at) => Math.max(worst, Math.abs(logit - (other[at] ?? Number.NaN))), 0);
  expect(most).toBeLessThanOrEqual(manifest.selfTest.tolerance);
});

test('with a changed weight, the fp32 package beside it answers and explains instead', async () => {
  await flipWeights(int8);

  expect(await opened(int8)).toMatchObject({
    packageDir: float,
    manifest: { name: 'sample', precision: 'fp32' },
    fallback: { kind: 'fp32', reason: expect.any(SelfTestError) },
  });
  const classifier = await openClassifier(int8);
  const acorn = await readFile(new URL('../../models/sample/images/acorn-1.jpg', import.meta.url));
  const [entry] = await classifier.classify([acorn], { explain: true });
  await classifier.close();
  expect(classifier.fallback?.kind).toBe('fp32');
  expect(entry).toMatchObject({ predictions: [{ label: 'acorn' }, {}, {}, {}, {}] });
});

test('with a wrong recorded logit, the fp32 package answers instead', async () => {
  await changeManifest(int8, ({ selfTest }) => {
    selfTest.logits[0] = (selfTest.logits[0] ?? 0) + 1;
  });

  expect(await opened(int8)).toMatchObject({ fallback: { kind: 'fp32' } });
});

test.each<[string, () => Promise<void>]>([
  ['there is no fp32 package beside it', () => rm(float, { recursive: true })],
  ['the one beside it fails its own self-test', () => flipWeights(float)],
  [
    'the one beside it is of other weights',
    () =>
      changeManifest(float, ({ source }) => {
        source.sha256 = 'b'.repeat(64);
      }),
  ],
  ['the one beside it is cut off', () => writeFile(join(float, 'weights.bin'), 'short')],
])('it fails when %s', async (_, damage) => {
  await flipWeights(int8);
  await damage();

  await expect(openModel(int8)).rejects.toThrow(SelfTestError);
  await expect(openClassifier(int8)).rejects.toThrow(SelfTestError);
});

test('an fp32 package has no fallback, and other faults than the self-test use none', async () => {
  await flipWeights(float);
  await expect(openModel(float)).rejects.toThrow(SelfTestError);

  await rename(join(int8, 'model.onnx'), join(int8, 'model.bak'));
  await expect(openModel(int8)).rejects.toThrow(InvalidPackageError);
});

/** Lists a graph for CUDA, which is the same as model.onnx. */
async function listCudaGraph(packageDir: string): Promise<void> {
  await cp(join(packageDir, 'model.onnx'), join(packageDir, 'model.cuda.onnx'));
  await changeManifest(packageDir, ({ files }) => {
    files['model.cuda.onnx'] = files['model.onnx'];
  });
}

test.each<[string, Error]>([
  ['cannot be opened', new ExecutionProviderError('cuda: no such operator')],
  ['computes wrongly', new SelfTestError('wrong here')],
  ['fails while it runs', new Error('no kernel')],
])('where the graph for CUDA %s, CUDA runs model.onnx before any other provider is tried', async (_, reason) => {
  await listCudaGraph(float);
  const calls: SessionOptions[] = [];
  // This replaces a GPU, which none of our machines has.
  const gpu: typeof openSession = async (_packageDir, _manifest, options = {}) => {
    calls.push(options);
    if (!options.plainGraph) throw reason;
    return { graph: 'model.onnx', provider: 'cuda', refusals: [] } as unknown as ModelSession;
  };

  const model = await openModel(float, { threads: 1, providers: ['tensorrt', 'cuda', 'cpu'] }, gpu);

  expect(model).toMatchObject({ packageDir: float, session: { provider: 'cuda' } });
  expect(model.fallback).toEqual({ kind: 'plain-graph', reason });
  expect(calls).toEqual([
    { threads: 1, providers: ['tensorrt', 'cuda'] },
    { threads: 1, providers: ['tensorrt', 'cuda', 'cpu'], plainGraph: true },
  ]);
});

test('without CUDA the next provider runs model.onnx, and that is no fallback', async () => {
  await listCudaGraph(float);

  const { session, fallback } = await openModel(float, { providers: ['cuda', 'cpu'] });
  await session.release();

  expect(session).toMatchObject({ graph: 'model.onnx', provider: 'cpu', refusals: [{ provider: 'cuda' }] });
  expect(fallback).toBeNull();
  await expect(openModel(float, { providers: ['cuda'] })).rejects.toThrow(ExecutionProviderError);
});
