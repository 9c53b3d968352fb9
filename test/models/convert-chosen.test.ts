import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AmbiguousCheckpointError, UnsupportedNetworkError } from '../../models/checkpoint/errors.ts';
import { type ConvertOptions, convertCheckpoint } from '../../models/convert.ts';
import { writeLegacyCheckpoint } from './checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BASIC } from './graph/random-network.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/checkpoints/from-training', import.meta.url));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-chosen-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Converts a checkpoint and returns the checksum of the package's weights, and the warnings. */
async function convert(checkpoint: string, options: Partial<ConvertOptions> = {}) {
  const warnings: string[] = [];
  const out = join(folder, `package-${(await readdir(folder)).length}`);
  const { files } = await convertCheckpoint({ checkpoint, out, ...options, onWarning: (text) => warnings.push(text) });
  return { weights: files['weights.bin'].sha256, warnings };
}

const prefixed = (prefix: string, seed: number) =>
  randomNetwork(TINY_BASIC, seed).map((entry) => ({ ...entry, name: prefix + entry.name }));

test('a checkpoint of a training program gives the same package as its state dict alone', async () => {
  await writeFile(join(folder, 'labels.txt'), 'one\ntwo\nthree\n');
  const options = { labels: join(folder, 'labels.txt') };
  const alone = await convert(join(FIXTURES, 'control-plain.pth'), options);

  expect(alone.warnings).toEqual([]);
  for (const file of ['lightning.ckpt', 'fc-sequential-dropout-linear.pth', 'torchvision-reference-script.pth'])
    expect(await convert(join(FIXTURES, file), options)).toEqual(alone);
});

test('the options choose a network and leave out objects', async () => {
  const labels = [expect.stringContaining('class 0')];
  const checkpoint = join(folder, 'two.pth');
  await writeLegacyCheckpoint(checkpoint, [...prefixed('q.', 1), ...prefixed('k.', 2)]);
  await writeLegacyCheckpoint(join(folder, 'k.pth'), prefixed('', 2));
  const k = await convert(join(folder, 'k.pth'));

  await expect(convert(checkpoint)).rejects.toThrow(AmbiguousCheckpointError);
  expect(await convert(checkpoint, { prefix: 'k.' })).toEqual({ ...k, warnings: labels });
  expect(await convert(checkpoint, { prefix: 'k.', key: '', skipObjects: true })).toEqual({ ...k, warnings: labels });
  await expect(convert(checkpoint, { key: 'x' })).rejects.toThrow('under the key "x"');
  await expect(convert(join(FIXTURES, 'whole-model.pth'), { skipObjects: true })).rejects.toThrow('was left out');
});

test('the error for another network names the part of the file, and a prefix that all names have', async () => {
  const [part, all] = [join(folder, 'part.pth'), join(folder, 'all.pth')];
  await writeLegacyCheckpoint(
    part,
    prefixed('encoder.', 1).filter(({ name }) => !name.includes('layer3')),
  );
  await writeLegacyCheckpoint(
    all,
    prefixed('encoder.', 1).filter(({ name }) => !name.includes('layer1.0.conv1')),
  );

  await expect(convert(part)).rejects.toThrow(UnsupportedNetworkError);
  await expect(convert(part)).rejects.toThrow(/part\.pth \(its names without "encoder\."\) is not.*layer3 is missing/);
  await expect(convert(all)).rejects.toThrow(/All names begin with "encoder\."; .* give --prefix "encoder\."/);
  await expect(convert(all, { prefix: 'encoder.' })).rejects.toThrow('layer1.0.conv1.weight is missing');
});
