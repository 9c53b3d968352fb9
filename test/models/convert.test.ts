import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../classifier/errors.ts';
import { readManifest } from '../../classifier/manifest.ts';
import { openSession } from '../../classifier/session.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { InvalidLabelsError } from '../../models/labels/errors.ts';
import { PackageExistsError } from '../../models/package/errors.ts';
import { verifyPackage } from '../../models/verify.ts';
import { writeLegacyCheckpoint } from './checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork, TINY_BASIC } from './graph/random-network.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/checkpoints/', import.meta.url));
/**
 * How much the logits may differ from PyTorch's, as a share of their standard deviation; rounding
 * explains 4e-7.
 */
const GOLDEN_TOLERANCE = 1e-4;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
});

afterEach(() => rm(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

async function writeTiny(name = 'tiny.pth'): Promise<string> {
  await writeLegacyCheckpoint(inFolder(name), randomNetwork(TINY_BASIC));
  return inFolder(name);
}

async function readFloats(path: string): Promise<Float32Array> {
  return new Float32Array(Uint8Array.from(await readFile(path)).buffer);
}

test.each([
  ['basic-legacy', 'model.pth', { architecture: 'resnet', parameters: 177_752, classes: 16 }],
  ['bottleneck-zip', 'model.pth', { architecture: 'resnet', parameters: 136_020, classes: 12 }],
  ['resnext-legacy', 'model.pth', { architecture: 'resnext', parameters: 449_980, classes: 20 }],
  ['basic-safetensors', 'model.safetensors', { architecture: 'resnet', parameters: 78_962, classes: 10 }],
])("%s computes PyTorch's logits, for a batch and at every optimization level", async (name, file, facts) => {
  const out = inFolder(name);
  const manifest = await convertCheckpoint({ checkpoint: join(FIXTURES, name, file), out });
  expect(manifest).toMatchObject(facts);

  const expected = await readFloats(join(FIXTURES, name, 'logits.f32'));
  const pixels = new Uint8Array(await readFile(join(FIXTURES, name, 'image.u8')));
  const mean = expected.reduce((sum, logit) => sum + logit, 0) / expected.length;
  const spread = Math.sqrt(expected.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / expected.length);
  for (const optimization of ['disabled', 'all'] as const) {
    const session = await openSession(out, manifest, { optimization });
    const logits = await session.run(pixels, 2);
    await session.release();
    expect(logits).toHaveLength(expected.length);
    for (const [index, logit] of expected.entries()) {
      const difference = Math.abs((logits[index] ?? Number.NaN) - logit) / spread;
      expect([index, difference <= GOLDEN_TOLERANCE ? 'equal' : difference]).toEqual([index, 'equal']);
    }
  }
});

test('a released architecture at full size converts, verifies and has a small graph', async () => {
  const network = RELEASED_NETWORKS['resnet18'];
  if (!network) throw new Error('no such fixture');
  await writeLegacyCheckpoint(inFolder('full.pth'), randomNetwork(network));

  const manifest = await convertCheckpoint({ checkpoint: inFolder('full.pth'), out: inFolder('full') });

  expect(manifest).toMatchObject({ architecture: 'resnet18', parameters: 11_689_512, classes: 1000, name: 'full' });
  expect(manifest.labels[1]).toEqual({ label: 'goldfish', wnid: 'n01443537' });
  expect(await verifyPackage(inFolder('full'))).toMatchObject({ ok: true, faults: [] });
  expect(manifest.files['model.onnx'].bytes).toBeLessThan(100_000);
});

test('the package has three files, and the manifest on disk is the one that was returned', async () => {
  const manifest = await convertCheckpoint({ checkpoint: await writeTiny(), out: inFolder('deep/er/tiny') });

  expect((await readdir(inFolder('deep/er'))).toSorted()).toEqual(['tiny']);
  expect((await readdir(inFolder('deep/er/tiny'))).toSorted()).toEqual(['model.json', 'model.onnx', 'weights.bin']);
  expect(await readManifest(inFolder('deep/er/tiny'))).toEqual(manifest);
  expect(manifest).toMatchObject({ name: 'tiny', precision: 'fp32', supervision: null, license: null, fidelity: null });
});

test("classifierWeights are the fully connected layer's rows, as the checkpoint has them", async () => {
  const entries = randomNetwork(TINY_BASIC);
  const { classifierWeights } = await convertCheckpoint({ checkpoint: await writeTiny(), out: inFolder('tiny') });

  const stored = await readFloats(inFolder('tiny/weights.bin'));
  const expected = new Float32Array(5 * 32);
  entries.find(({ name }) => name === 'fc.weight')?.fill(expected);
  const start = classifierWeights.offset / 4;
  expect(classifierWeights.shape).toEqual([5, 32]);
  expect([...stored.subarray(start, start + 5 * 32)]).toEqual([...expected]);
});

test('two conversions of a checkpoint give the same bytes', async () => {
  const checkpoint = await writeTiny();
  for (const out of ['one/tiny', 'two/tiny']) await convertCheckpoint({ checkpoint, out: inFolder(out) });

  for (const file of ['model.json', 'model.onnx', 'weights.bin']) {
    expect(await readFile(inFolder(`one/tiny/${file}`))).toEqual(await readFile(inFolder(`two/tiny/${file}`)));
  }
});

test('name, labels and origin are used as given', async () => {
  await writeFile(inFolder('labels.txt'), 'a\nb\nc\nd\ne\n');
  const warnings: string[] = [];

  const manifest = await convertCheckpoint({
    checkpoint: await writeTiny(),
    out: inFolder('given.name-1'),
    name: 'given.name-1',
    labels: inFolder('labels.txt'),
    source: { url: 'https://example.org/tiny.pth' },
    supervision: 'ssl',
    publishedTop1: 72.8,
    license: 'CC0',
    onWarning: (text) => warnings.push(text),
  });

  expect(manifest).toMatchObject({ name: 'given.name-1', supervision: 'ssl', publishedTop1: 72.8, license: 'CC0' });
  expect(manifest.source.url).toBe('https://example.org/tiny.pth');
  expect(manifest.labels.map(({ label }) => label)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(warnings).toEqual([]);
});

test('classes without labels are numbered, with a warning', async () => {
  const warnings: string[] = [];
  const options = { checkpoint: await writeTiny(), out: inFolder('out') };

  const { labels } = await convertCheckpoint({ ...options, onWarning: (text) => warnings.push(text) });

  expect(labels[4]).toEqual({ label: 'class 4', wnid: null });
  expect(warnings).toHaveLength(1);
});

test('with labels for another number of classes, no package is left', async () => {
  await writeFile(inFolder('labels.txt'), 'a\nb\n');
  const attempt = convertCheckpoint({
    checkpoint: await writeTiny(),
    out: inFolder('out'),
    labels: inFolder('labels.txt'),
  });

  await expect(attempt).rejects.toThrow(InvalidLabelsError);
  expect((await readdir(folder)).toSorted()).toEqual(['labels.txt', 'tiny.pth']);
});

test.each(['', '../up', 'a b', '-x', 'x'.repeat(129)])(
  'the name %j is refused before anything is read',
  async (name) => {
    const attempt = convertCheckpoint({ checkpoint: inFolder('none.pth'), out: inFolder('out'), name });

    await expect(attempt).rejects.toThrow(InvalidArgumentError);
  },
);

test('an existing package is replaced only by force', async () => {
  const options = { checkpoint: await writeTiny(), out: inFolder('out') };
  await convertCheckpoint({ ...options, license: 'first' });

  await expect(convertCheckpoint({ ...options, license: 'second' })).rejects.toThrow(PackageExistsError);
  expect((await readManifest(inFolder('out'))).license).toBe('first');
  await convertCheckpoint({ ...options, license: 'second', force: true });
  expect((await readManifest(inFolder('out'))).license).toBe('second');
});

test("a package takes its folder's name, whatever the checkpoint is called", async () => {
  const { name } = await convertCheckpoint({ checkpoint: await writeTiny('final (2).pth'), out: inFolder('mine') });

  expect(name).toBe('mine');
  await expect(convertCheckpoint({ checkpoint: inFolder('none.pth'), out: inFolder('a b') })).rejects.toThrow(
    'the package name "a b" is not valid',
  );
});

test('another name than the folder has is a warning, and the folder has to be renamed before use', async () => {
  const warnings: string[] = [];
  const onWarning = (text: string) => void warnings.push(text);

  await convertCheckpoint({ checkpoint: await writeTiny(), out: inFolder('draft'), name: 'mine', onWarning });

  expect(warnings[0]).toBe(
    `the package in ${inFolder('draft')} is named mine: rename the folder to mine before it is used`,
  );
  await expect(readManifest(inFolder('draft'))).rejects.toThrow(
    'the folder is named draft, but it holds the package mine. Rename the folder back',
  );
  await rename(inFolder('draft'), inFolder('mine'));
  expect(await readManifest(inFolder('mine'))).toMatchObject({ name: 'mine' });
});

test('a folder that is not a package is never replaced', async () => {
  await mkdir(inFolder('out'));
  await writeFile(inFolder('out/thesis.txt'), 'years of work');
  const options = { checkpoint: await writeTiny(), out: inFolder('out') };

  for (const force of [false, true]) {
    await expect(convertCheckpoint({ ...options, force })).rejects.toThrow(PackageExistsError);
  }
  expect((await stat(inFolder('out/thesis.txt'))).size).toBe(13);
});
