import { UnsupportedCheckpointError } from '../../../models/checkpoint/errors.ts';
import { withoutParallelPrefix } from '../../../models/checkpoint/state-dict.ts';
import { dict, float, list, orderedDict, type PickleNode, tuple } from './pickle-writer.ts';
import { elementsOf, useTemporaryFiles } from './temporary-files.ts';
import { type StorageFixture, storageOf, tensorNode } from './tensor-nodes.ts';
import { legacyBytes } from './write-legacy.ts';

const files = useTemporaryFiles();

const ONE = storageOf('1', 'float32', Float32Array.of(1));
const TWO = storageOf('2', 'float32', Float32Array.of(2));

function tensor(storage: StorageFixture): PickleNode {
  return tensorNode({ storage, shape: [1] }, 'legacy');
}

async function read(root: PickleNode, storages: readonly StorageFixture[]): Promise<Record<string, number[]>> {
  return elementsOf(await files.open(legacyBytes({ root, storages })));
}

test('a bare state dict', async () => {
  expect(
    await read(
      orderedDict([
        ['b', tensor(ONE)],
        ['a', tensor(TWO)],
      ]),
      [ONE, TWO],
    ),
  ).toEqual({ b: [1], a: [2] });
});

test.each(['state_dict', 'model'])('under "%s", beside an optimizer\'s state and a best accuracy', async (wrapper) => {
  const momentum = dict(['momentum_buffer', tensor(TWO)]);
  const optimizer = dict(
    ['state', dict([94_421_977_841_616, momentum])],
    ['param_groups', list(dict(['lr', float(0.1)], ['params', list(94_421_977_841_616)]))],
  );
  const root = dict(
    ['epoch', 90],
    ['arch', 'resnet18'],
    ['best_acc1', tensor(TWO)],
    ['optimizer', optimizer],
    [wrapper, orderedDict([['w', tensor(ONE)]])],
  );

  expect(await read(root, [ONE, TWO])).toEqual({ w: [1] });
});

test('"model" is used when "state_dict" has no tensors, and a wrapper may be in a wrapper', async () => {
  const weights = orderedDict([['w', tensor(ONE)]]);

  expect(await read(dict(['state_dict', dict(['epoch', 3])], ['model', weights]), [ONE])).toEqual({ w: [1] });
  expect(await read(dict(['model', dict(['state_dict', weights])]), [ONE])).toEqual({ w: [1] });
});

test('values that are not tensors are left out', async () => {
  expect(await read(dict(['w', tensor(ONE)], ['epoch', 3], ['shape', tuple(1, 2)]), [ONE])).toEqual({ w: [1] });
});

test('__proto__ and constructor are names like any other', async () => {
  const checkpoint = await files.open(
    legacyBytes({ root: dict(['__proto__', tensor(ONE)], ['constructor', tensor(TWO)]), storages: [ONE, TWO] }),
  );

  expect([...checkpoint.tensors.keys()]).toEqual(['__proto__', 'constructor']);
  expect([...((await checkpoint.tensors.get('__proto__')?.read()) ?? [])]).toEqual([1]);
});

test('the prefix of DataParallel is removed when all names have it', async () => {
  const root = orderedDict([
    ['module.conv1.weight', tensor(ONE)],
    ['module.fc.bias', tensor(TWO)],
  ]);

  const checkpoint = await files.open(legacyBytes({ root, storages: [ONE, TWO] }));

  expect([...checkpoint.tensors].map(([key, { name }]) => [key, name])).toEqual([
    ['conv1.weight', 'conv1.weight'],
    ['fc.bias', 'fc.bias'],
  ]);
});

test('a prefix that only some names have is kept', () => {
  const names = (...keys: string[]): string[] => [
    ...withoutParallelPrefix(new Map(keys.map((key) => [key, 0]))).keys(),
  ];

  expect(names('module.a', 'a')).toEqual(['module.a', 'a']);
  expect(names('module.module.a', 'module.module.b')).toEqual(['a', 'b']);
  expect(names('module.module.a', 'module.b')).toEqual(['module.a', 'b']);
  expect(names()).toEqual([]);
});

test.each<[string, PickleNode, readonly StorageFixture[], RegExp]>([
  ['a number', 5, [], /has no tensors.*"model"\. Save/],
  ['a list of tensors', list(tensor(ONE)), [ONE], /has no tensors/],
  ['other keys', dict(['net', dict(['w', tensor(ONE)])], ['epoch', 1]), [ONE], /its keys: "net", "epoch"/],
  ['keys that are no text', dict([0, tensor(ONE)]), [ONE], /a tensor under the key "0"/],
])('not a state dict: %s', async (_, root, storages, message) => {
  const error = await files.openingError(legacyBytes({ root, storages }));

  expect(error).toBeInstanceOf(UnsupportedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});
