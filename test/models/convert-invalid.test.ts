import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InvalidWeightsError,
  UnknownCheckpointError,
  UnsupportedNetworkError,
} from '../../models/checkpoint/errors.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { startProcessorClock } from '../processor-time.ts';
import type { CheckpointEntry } from './checkpoint/tensor-nodes.ts';
import { writeLegacyCheckpoint } from './checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from './graph/random-network.ts';

/** The most processor time that a refusal may take. */
const LIMIT_MS = 2000;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-invalid-'));
});

afterEach(() => rm(folder, { recursive: true }));

/**
 * Converts a changed network. Expects its error after little work, and no file beside the
 * checkpoint afterwards.
 */
async function refuse(entries: readonly CheckpointEntry[], error: new (text: string) => Error, message: string) {
  const checkpoint = join(folder, 'bad.pth');
  await writeLegacyCheckpoint(checkpoint, entries);

  const usedMs = startProcessorClock();
  const attempt = convertCheckpoint({ checkpoint, out: join(folder, 'out') });
  await expect(attempt).rejects.toThrow(error);
  await expect(attempt).rejects.toThrow(message);
  expect(usedMs()).toBeLessThan(LIMIT_MS);
  expect(await readdir(folder)).toEqual(['bad.pth']);
}

/** Returns the network with one element of a tensor changed; by default the last one. */
function withElement(name: string, value: number, shape = TINY_BASIC, at = -1): CheckpointEntry[] {
  return randomNetwork(shape).map((entry) => ({
    ...entry,
    fill(elements) {
      entry.fill(elements);
      if (entry.name === name) elements[(elements.length + at) % elements.length] = value;
    },
  }));
}

const filled = (name: string, shape: number[], value = 0.1): CheckpointEntry => ({
  name,
  shape,
  fill: (elements) => elements.fill(value),
});

test('a missing layer', async () => {
  const entries = randomNetwork(TINY_BOTTLENECK).filter(({ name }) => name !== 'layer3.0.conv2.weight');

  await refuse(entries, UnsupportedNetworkError, 'layer3.0.conv2.weight is missing');
});

test('a wrong shape', async () => {
  const entries = randomNetwork(TINY_BASIC).map((entry) =>
    entry.name === 'layer2.0.bn1.bias' ? { ...entry, shape: [7] } : entry,
  );

  await refuse(entries, UnsupportedNetworkError, 'layer2.0.bn1.bias has the shape [7], expected [8]');
});

test('squeeze-excitation', async () => {
  const entries = [...randomNetwork(TINY_BASIC), filled('layer1.0.se.fc1.weight', [1, 4, 1, 1])];

  await refuse(entries, UnsupportedNetworkError, 'layer1.0.se.fc1.weight');
});

test('another kind of network', async () => {
  await refuse([filled('encoder.embed.weight', [10, 4])], UnsupportedNetworkError, 'encoder.embed.weight');
});

test.each([
  ['conv1.weight', Number.NaN, 'element 587 is NaN'],
  ['layer4.0.conv2.weight', Number.POSITIVE_INFINITY, 'element 9215 is Infinity'],
  ['layer2.0.bn1.weight', Number.NaN, 'layer2.0.bn1.weight: element 7 is NaN'],
  ['layer2.0.bn1.running_mean', Number.NEGATIVE_INFINITY, 'element 7 is -Infinity'],
  ['layer4.0.bn2.running_var', -1e-6, 'layer4.0.bn2.running_var: element 31 is -'],
  ['fc.weight', Number.NaN, 'fc.weight: element 159 is NaN'],
  ['fc.bias', Number.NaN, 'fc.bias: element 4 is NaN'],
])('%s with %p', async (name, value, message) => {
  await refuse(withElement(name, value), InvalidWeightsError, `bad.pth: ${name}`);
  await refuse(withElement(name, value), InvalidWeightsError, message);
});

test('finite weights that exceed float32 after folding', async () => {
  const huge = randomNetwork(TINY_BASIC).map((entry) =>
    /^layer2\.0\.(conv1|bn1)\.weight$/.test(entry.name) ? filled(entry.name, [...entry.shape], 1e30) : entry,
  );

  await refuse(huge, InvalidWeightsError, 'layer2.0.conv1.weight with layer2.0.bn1 folded in: element 0 is Infinity');
});

test('finite weights whose logits overflow', async () => {
  const huge = randomNetwork(TINY_BASIC).map((entry) =>
    /^layer\d\.0\.(bn2|downsample\.1)\.weight$/.test(entry.name) ? filled(entry.name, [...entry.shape], 1e15) : entry,
  );

  await refuse(huge, InvalidWeightsError, 'logit');
});

test('NaN in the last tensor of a checkpoint of 45 MB', async () => {
  const network = RELEASED_NETWORKS['resnet18'];
  if (!network) throw new Error('no such fixture');

  await refuse(withElement('fc.bias', Number.NaN, network), InvalidWeightsError, 'fc.bias: element 999 is NaN');
});

test('an HTML page', async () => {
  await writeFile(join(folder, 'page.pth'), '<!DOCTYPE html><html><body>404</body></html>');

  const attempt = convertCheckpoint({ checkpoint: join(folder, 'page.pth'), out: join(folder, 'out') });

  await expect(attempt).rejects.toThrow(UnknownCheckpointError);
  expect(await readdir(folder)).toEqual(['page.pth']);
});
