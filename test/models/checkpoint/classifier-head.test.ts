import type { CheckpointTensor } from '../../../models/checkpoint/checkpoint.ts';
import { withClassifier } from '../../../models/checkpoint/classifier-head.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { memoryCheckpoint, randomNetwork, TINY_BASIC } from '../graph/random-network.ts';

const BARE = memoryCheckpoint(randomNetwork(TINY_BASIC)).tensors;

/** Returns the network with tensors renamed (to null: removed) and added. */
function network(names: Readonly<Record<string, string | null>>, added: Readonly<Record<string, number[]>> = {}) {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of BARE) {
    const own = names[name] === undefined ? name : names[name];
    if (own !== null) tensors.set(own, { ...tensor, name: own });
  }
  for (const [name, shape] of Object.entries(added))
    tensors.set(name, { name, shape, dtype: 'float32', read: async () => new Float32Array(1) });
  return tensors;
}

function convert(tensors: ReadonlyMap<string, CheckpointTensor>) {
  const warnings: string[] = [];
  const named = withClassifier(tensors, 'some.pth', (text) => warnings.push(text));
  return { named, warnings, architecture: readArchitecture(named, 'some.pth') };
}

test.each(['fc.1', 'fc.0', 'fc.head.linear'])('a sole linear layer %s is the classifier', async (layer) => {
  const { named, warnings } = convert(network({ 'fc.weight': `${layer}.weight`, 'fc.bias': `${layer}.bias` }));

  expect([...named.keys()]).toEqual([...BARE.keys()]);
  expect([...named.values()].map(({ name }) => name)).toEqual([...BARE.keys()]);
  expect(await named.get('fc.weight')?.read()).toEqual(await BARE.get('fc.weight')?.read());
  expect(await named.get('fc.bias')?.read()).toEqual(await BARE.get('fc.bias')?.read());
  expect(warnings).toEqual([]);
});

test.each<[string, Record<string, string | null>]>([
  ['fc', { 'fc.bias': null }],
  ['fc.1', { 'fc.weight': 'fc.1.weight', 'fc.bias': null }],
])('a missing bias of %s is zeros, with a warning', async (_, names) => {
  const { named, warnings, architecture } = convert(network(names));

  expect([...((await named.get('fc.bias')?.read()) ?? [])]).toEqual([0, 0, 0, 0, 0]);
  expect(architecture.classes).toBe(5);
  expect(warnings).toEqual([expect.stringContaining('has no bias')]);
});

test.each<[string, Record<string, number[]>, string]>([
  ['a second linear layer', { 'fc.3.weight': [5, 5] }, 'fc has 2 linear layers (fc.1, fc.3)'],
  ['a batch norm', { 'fc.0.weight': [32], 'fc.0.running_mean': [32] }, 'fc.0.weight [32] does not belong'],
  ['a convolution', { 'fc.0.weight': [5, 32, 1, 1] }, 'fc.0.weight [5, 32, 1, 1] does not belong'],
])('%s in fc is refused', (_, added, message) => {
  const names = { 'fc.weight': 'fc.1.weight', 'fc.bias': 'fc.1.bias' };

  expect(() => convert(network(names, added))).toThrow(message);
});

test('without any linear layer fc.weight is missing', () => {
  expect(() => convert(network({ 'fc.weight': null, 'fc.bias': null }))).toThrow('fc.weight is missing');
});

test('the tensors of another network stay as they are', () => {
  const other = network({ 'conv1.weight': null, 'fc.bias': null });

  expect([...withClassifier(other, 'some.pth', () => {}).keys()]).toEqual([...other.keys()]);
});
