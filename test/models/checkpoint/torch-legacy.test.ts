import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dtype } from '../../../models/checkpoint/checkpoint.ts';
import {
  CheckpointError,
  DamagedCheckpointError,
  UnknownCheckpointError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { openCheckpoint } from '../../../models/checkpoint/read.ts';
import { call, dict, global, list, orderedDict, type PickleNode, pickle, tuple } from './pickle-writer.ts';
import { elementsOf, useTemporaryFiles } from './temporary-files.ts';
import {
  parameterNode,
  STORAGE_CLASS,
  type StorageFixture,
  stateDictNode,
  storageNode,
  storageOf,
  storagesOf,
  type TensorFixture,
  tensorNode,
} from './tensor-nodes.ts';
import { LEGACY_MAGIC, LEGACY_PROTOCOL, legacyBytes, writeLegacyCheckpoint } from './write-legacy.ts';

const files = useTemporaryFiles();

const SIX = storageOf('7', 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));

async function read(root: PickleNode, storages: readonly StorageFixture[]): Promise<Record<string, number[]>> {
  return elementsOf(await files.open(legacyBytes({ root, storages })));
}

/** Returns a state dict with one tensor in the storage SIX. */
function one(tensor: Omit<TensorFixture, 'storage'>): PickleNode {
  return orderedDict([['w', tensorNode({ storage: SIX, ...tensor }, 'legacy')]]);
}

function openingError(root: PickleNode, storages: readonly StorageFixture[] = [SIX]): Promise<unknown> {
  return files.openingError(legacyBytes({ root, storages }));
}

test('tensors written one at a time come back with names, shapes and elements', async () => {
  const path = join(files.folder, 'written.pth');
  await writeLegacyCheckpoint(path, [
    { name: 'conv1.weight', shape: [2, 1, 1, 3], fill: (elements) => elements.set([1, 2, 3, 4, 5, 6]) },
    { name: 'fc.bias', shape: [2], fill: (elements) => elements.fill(0.5) },
  ]);

  const checkpoint = await openCheckpoint(path);

  expect(checkpoint.format).toBe('torch-legacy');
  expect([...checkpoint.tensors.values()].map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
    ['conv1.weight', 'float32', [2, 1, 1, 3]],
    ['fc.bias', 'float32', [2]],
  ]);
  expect(await elementsOf(checkpoint)).toEqual({ 'conv1.weight': [1, 2, 3, 4, 5, 6], 'fc.bias': [0.5, 0.5] });
  await checkpoint.close();
  await rm(path);
});

test.each([2, 3, 4, 5])('pickle protocol %i throughout', async (protocol) => {
  const tensors = new Map([['w', { storage: SIX, shape: [2, 3] }]]);
  const root = stateDictNode(tensors, 'legacy');

  const checkpoint = await files.open(legacyBytes({ root, storages: storagesOf(tensors), protocol }));

  expect(await elementsOf(checkpoint)).toEqual({ w: [0, 1, 2, 3, 4, 5] });
});

test('a file from Python 2 is read', async () => {
  const pairs = list(list('w', tensorNode({ storage: SIX, shape: [6] }, 'legacy')));
  const root = call(global('collections', 'OrderedDict'), tuple(pairs), { state: dict(['_metadata', dict()]) });

  const checkpoint = await files.open(legacyBytes({ root, storages: [SIX], python2Strings: true }));

  expect(await elementsOf(checkpoint)).toEqual({ w: [0, 1, 2, 3, 4, 5] });
});

test.each<[Dtype, ArrayBufferView, number[]]>([
  ['float16', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
  ['bfloat16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
  ['float32', Float32Array.of(1, -2), [1, -2]],
  ['float64', Float64Array.of(0.1, -2), [0.1, -2]],
  ['int8', Int8Array.of(1, -2), [1, -2]],
  ['uint8', Uint8Array.of(1, 254), [1, 254]],
  ['int16', Int16Array.of(1, -2), [1, -2]],
  ['int32', Int32Array.of(1, -2), [1, -2]],
  ['int64', BigInt64Array.of(1n, -2n), [1, -2]],
  ['bool', Uint8Array.of(1, 0), [1, 0]],
])('%s storages followed by others', async (dtype, array, expected) => {
  const storage = storageOf('1', dtype, array);
  const tensors = new Map([
    ['a', { storage, shape: [2] }],
    ['b', { storage: SIX, shape: [6] }],
  ]);

  const checkpoint = await files.open(
    legacyBytes({ root: stateDictNode(tensors, 'legacy'), storages: storagesOf(tensors) }),
  );

  expect(checkpoint.tensors.get('a')?.dtype).toBe(dtype);
  expect(await elementsOf(checkpoint)).toEqual({ a: expected, b: [0, 1, 2, 3, 4, 5] });
});

test('views of one storage: whole, transposed, at an offset, a scalar, empty', async () => {
  const tensors = new Map<string, TensorFixture>([
    ['whole', { storage: SIX, shape: [2, 3] }],
    ['transposed', { storage: SIX, shape: [3, 2], strides: [1, 3] }],
    ['offset', { storage: SIX, shape: [2], offset: 4 }],
    ['scalar', { storage: SIX, shape: [], offset: 3 }],
    ['empty', { storage: SIX, shape: [0, 3], offset: 6 }],
  ]);

  expect(await read(stateDictNode(tensors, 'legacy'), [SIX])).toEqual({
    whole: [0, 1, 2, 3, 4, 5],
    transposed: [0, 3, 1, 4, 2, 5],
    offset: [4, 5],
    scalar: [3],
    empty: [],
  });
});

test('a storage that is a view of another, as old files have it', async () => {
  const view = storageNode(SIX, 'legacy', tuple('view-key', 2, 4));
  const root = orderedDict([
    ['w', call(global('torch._utils', '_rebuild_tensor'), tuple(view, 1, tuple(3), tuple(1)))],
    ['all', tensorNode({ storage: SIX, shape: [6] }, 'legacy')],
  ]);

  expect(await read(root, [SIX])).toEqual({ w: [3, 4, 5], all: [0, 1, 2, 3, 4, 5] });
});

test('nn.Parameter objects, with and without state', async () => {
  const data = tensorNode({ storage: SIX, shape: [6] }, 'legacy');
  const withState = call(
    global('torch._utils', '_rebuild_parameter_with_state'),
    tuple(data, true, orderedDict([]), dict(['note', 'x'])),
  );

  expect(
    await read(
      orderedDict([
        ['a', parameterNode(data)],
        ['b', withState],
      ]),
      [SIX],
    ),
  ).toEqual({
    a: [0, 1, 2, 3, 4, 5],
    b: [0, 1, 2, 3, 4, 5],
  });
});

test.each<[string, PickleNode, RegExp]>([
  ['beyond its storage', one({ shape: [7] }), /reaches to element 7, but its storage has only 6/],
  [
    'with a negative stride',
    one({ shape: [6], strides: [-1], offset: 5 }),
    /strides a tuple; expected a tuple of at most/,
  ],
  ['with a negative offset', one({ shape: [1], offset: -1 }), /a storage and -1 instead/],
  ['of 2^40 elements by stride 0', one({ shape: [2 ** 40], strides: [0] }), /more elements than its storage/],
  ['of 17 axes', one({ shape: Array(17).fill(1) }), /at most 16 whole numbers/],
  [
    'beyond the view that is its storage',
    orderedDict([
      [
        'w',
        call(
          global('torch._utils', '_rebuild_tensor'),
          tuple(storageNode(SIX, 'legacy', tuple('v', 2, 2)), 0, tuple(3), tuple(1)),
        ),
      ],
    ]),
    /reaches to element 3, but its storage has only 2/,
  ],
  [
    'of a view beyond its storage',
    orderedDict([['w', storageNode(SIX, 'legacy', tuple('v', 4, 3))]]),
    /takes 3 elements from element 4 on/,
  ],
  [
    'of no storage',
    call(global('torch._utils', '_rebuild_tensor_v2'), tuple(1, 0, tuple(), tuple())),
    /creates a tensor from 1/,
  ],
  ['that is a negative view', negativeView(), /conjugate or negative view/],
  ['parameter of a number', parameterNode(1), /creates a parameter from 1/],
])('a tensor %s is refused at opening', async (_, root, message) => {
  const error = await openingError(root);

  expect(error).toBeInstanceOf(DamagedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

function negativeView(): PickleNode {
  const args = tuple(storageNode(SIX, 'legacy'), 0, tuple(6), tuple(1), false, orderedDict([]), dict(['neg', true]));
  return orderedDict([['w', call(global('torch._utils', '_rebuild_tensor_v2'), args)]]);
}

test.each<[string, StorageFixture, readonly StorageFixture[], RegExp]>([
  ['missing from the list', SIX, [], /only 0 of 1 storages are listed/],
  ['listed twice', SIX, [SIX, SIX], /listed twice/],
  ['never mentioned', SIX, [SIX, { ...SIX, key: '8' }], /"8" is unknown/],
  ['of another size', SIX, [{ ...SIX, numel: 5 }], /has 5 elements, but its tensors need 6/],
  ['of 2^40 elements', { ...SIX, numel: 2 ** 40 }, [{ ...SIX, numel: 2 ** 40 }], /should end at byte 4398/],
])('a storage %s is refused', async (_, named, stored, message) => {
  const error = await openingError(orderedDict([['w', tensorNode({ storage: named, shape: [6] }, 'legacy')]]), stored);

  expect(error).toBeInstanceOf(DamagedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

test('a storage that two tensors describe differently is refused', async () => {
  const other = { ...SIX, dtype: 'float64' as const, numel: 3 };
  const root = orderedDict([
    ['a', tensorNode({ storage: SIX, shape: [6] }, 'legacy')],
    ['b', tensorNode({ storage: other, shape: [3] }, 'legacy')],
  ]);

  expect(await openingError(root)).toMatchObject({
    message: expect.stringMatching(/in two ways: 6 float32 and 3 float64/),
  });
});

test.each<[string, PickleNode]>([
  ['a module', tuple('module', global('collections', 'OrderedDict'), 'file.py', 'source')],
  ['too few fields', tuple('storage', global('torch', 'FloatStorage'), '7')],
  ['too many fields', tuple('storage', global('torch', 'FloatStorage'), '7', 'cpu', 6, null, null)],
  ['a type that is none', tuple('storage', global('torch', 'Size'), '7', 'cpu', 6, null)],
  ['a negative size', tuple('storage', global('torch', 'FloatStorage'), '7', 'cpu', -6, null)],
  ['plain text', 'storage'],
])('outside data given as %s is refused', async (_, id) => {
  const root = orderedDict([['w', { kind: 'persistent', id }]]);

  expect(await openingError(root)).toBeInstanceOf(DamagedCheckpointError);
});

test('types of other tensors are refused', async () => {
  const root = orderedDict([['w', global('torch', 'QInt8Storage')]]);

  expect(await openingError(root)).toBeInstanceOf(UnsafeCheckpointError);
  expect(Object.keys(STORAGE_CLASS)).toHaveLength(10);
});

test.each<[string, readonly PickleNode[], abstract new (...args: never[]) => Error]>([
  ['a wrong magic number', [LEGACY_MAGIC + 1n], UnknownCheckpointError],
  ['a plain pickle', [dict(['w', 1])], UnknownCheckpointError],
  ['another protocol', [LEGACY_MAGIC, 1000], UnsupportedCheckpointError],
  ['a big-endian system', [LEGACY_MAGIC, LEGACY_PROTOCOL, dict(['little_endian', false])], UnsupportedCheckpointError],
  ['no facts of the system', [LEGACY_MAGIC, LEGACY_PROTOCOL, 1], DamagedCheckpointError],
  ['a program in place of the magic number', [call(global('os', 'system'), tuple('id'))], UnsafeCheckpointError],
  [
    'a program in the facts',
    [LEGACY_MAGIC, LEGACY_PROTOCOL, call(global('os', 'system'), tuple('id'))],
    UnsafeCheckpointError,
  ],
])('the error names %s', async (_, pickles, errorClass) => {
  const error = await files.openingError(Buffer.concat(pickles.map((node) => pickle(node))));

  expect(error).toBeInstanceOf(errorClass);
});

test('the error names a program in the state dict, which was not run', async () => {
  const root = orderedDict([
    ['w', tensorNode({ storage: SIX, shape: [6] }, 'legacy')],
    ['x', call(global('builtins', 'eval'), tuple("__import__('os').system('id')"))],
  ]);

  expect(await openingError(root)).toMatchObject({
    code: 'unsafe-checkpoint',
    message: expect.stringContaining('builtins.eval'),
  });
});

test('a file truncated at any byte gives a CheckpointError', async () => {
  const bytes = legacyBytes({ root: one({ shape: [2, 3] }), storages: [SIX] });
  for (let length = 0; length < bytes.length; length++) {
    const error = await files.openingError(bytes.subarray(0, length));

    if (!(error instanceof CheckpointError)) throw new Error(`${length} of ${bytes.length} bytes: ${error}`);
  }
  expect(await files.openingError(bytes)).toBeUndefined();
});
