import type { CheckpointError } from '../../../models/checkpoint/errors.ts';
import {
  AmbiguousCheckpointError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { type CheckpointOptions, openCheckpoint } from '../../../models/checkpoint/read.ts';
import { startProcessorClock } from '../../processor-time.ts';
import { call, dict, global, list, orderedDict, type PickleNode, tuple } from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { type StorageFixture, storageOf, tensorNode } from './tensor-nodes.ts';
import { legacyBytes } from './write-legacy.ts';
import { safetensorsBytes } from './write-safetensors.ts';
import { zipBytes } from './write-zip.ts';

const files = useTemporaryFiles();

type Entry = readonly [string, PickleNode];

/** Every storage has its own key; `value` fills it, so that networks can be told apart. */
const storages: StorageFixture[] = [];

function tensor(value: number, shape: readonly number[] = [1]): PickleNode {
  const elements = new Float32Array(shape.reduce((all, size) => all * size, 1)).fill(value);
  const storage = storageOf(String(storages.length), 'float32', elements);
  storages.push(storage);
  return tensorNode({ storage, shape }, 'zip');
}

/** The two names by which a network is found, and a classifier. */
const network = (value: number, prefix = ''): Entry[] => [
  [`${prefix}conv1.weight`, tensor(value)],
  [`${prefix}layer1.0.conv1.weight`, tensor(value)],
  [`${prefix}fc.weight`, tensor(value, [2, 1])],
  [`${prefix}fc.bias`, tensor(value)],
];

const NAMES = ['conv1.weight', 'layer1.0.conv1.weight', 'fc.weight', 'fc.bias'];
const UNKNOWN = call(global('my.module', 'Thing'), tuple());

beforeEach(() => {
  storages.length = 0;
});

interface Opened {
  readonly names: readonly string[];
  readonly first: number | undefined;
  readonly part: string | undefined;
  readonly warnings: readonly string[];
}

async function open(bytes: Uint8Array, options: CheckpointOptions = {}): Promise<Opened> {
  const warnings: string[] = [];
  const checkpoint = await openCheckpoint(await files.write(bytes), {
    ...options,
    onWarning: (text) => warnings.push(text),
  });
  try {
    const first = (await checkpoint.tensors.get('conv1.weight')?.read())?.[0];
    return { names: [...checkpoint.tensors.keys()], first, part: checkpoint.part, warnings };
  } finally {
    await checkpoint.close();
  }
}

const openRoot = async (root: PickleNode, options?: CheckpointOptions) =>
  open(await zipBytes({ root, storages }), options);

/** Expects that opening fails with this error and a message that matches. */
async function refuse(
  root: PickleNode,
  options: CheckpointOptions,
  error: new (text: string) => CheckpointError,
  message: RegExp,
): Promise<void> {
  const opening = openRoot(root, options);
  await expect(opening).rejects.toThrow(error);
  await expect(opening).rejects.toThrow(message);
}

test.each(['_orig_mod.', 'module._orig_mod.', 'model.backbone.', 'encoder.', 'net.0.', 'module.module.', 'é.'])(
  'the prefix %s is taken off',
  async (prefix) => {
    expect(await openRoot(orderedDict(network(1, prefix)))).toEqual({
      names: NAMES,
      first: 1,
      part: `its names without ${JSON.stringify(prefix)}`,
      warnings: [],
    });
  },
);

test('a prefix is taken off in safetensors, too', async () => {
  const bytes = Buffer.from(Float32Array.of(3).buffer);
  const names = NAMES.filter((name) => name !== 'fc.weight');
  const tensors = new Map(names.map((name) => [`encoder.${name}`, { dtype: 'F32', shape: [1], bytes }]));

  expect(await open(safetensorsBytes(tensors))).toMatchObject({ names, first: 3 });
});

test.each<[string, (state: PickleNode) => PickleNode]>([
  ['net', (state) => dict(['net', state], ['epoch', 3])],
  ['model_ema', (state) => dict(['model_ema', state])],
  ['a.1.b.0', (state) => dict(['a', list(1, dict(['b', tuple(state)]))])],
  ['7.weights', (state) => dict([7, dict(['weights', state])])],
  [
    'args.net',
    (state) => dict(['args', call(global('argparse', 'Namespace'), tuple(), { state: dict(['net', state]) })]),
  ],
  [
    'd.net',
    (state) => dict(['d', call(global('collections', 'defaultdict'), tuple(null), { entries: [['net', state]] })]),
  ],
])('a state dict under %s is found', async (key, wrap) => {
  const root = wrap(orderedDict(network(2)));

  expect(await openRoot(root)).toEqual({ names: NAMES, first: 2, part: `under "${key}"`, warnings: [] });
  expect(await openRoot(root, { key })).toMatchObject({ first: 2 });
});

describe('several networks', () => {
  const two = () => dict(['model', orderedDict(network(1))], ['model_ema', orderedDict(network(2, 'module.'))]);

  test('that differ are listed, and --key chooses', async () => {
    await refuse(two(), {}, AmbiguousCheckpointError, /under the keys "model", "model_ema"\. Choose one with --key/);
    expect(await openRoot(two(), { key: 'model_ema' })).toMatchObject({ first: 2, names: NAMES, warnings: [] });
    expect(await openRoot(two(), { prefix: 'module' })).toMatchObject({ first: 2 });
    expect(await openRoot(two(), { prefix: '' })).toMatchObject({ first: 1 });
  });

  test('of different prefixes are listed, and --prefix chooses', async () => {
    const root = () => orderedDict([...network(1), ...network(2, 'ema.'), ...network(3, 'ema.teacher.')]);

    await refuse(root(), {}, AmbiguousCheckpointError, /begin with "", "ema\.", "ema\.teacher\." \("" is no prefix\)/);
    for (const [prefix, first] of [
      ['', 1],
      ['ema.', 2],
      ['ema', 2],
      ['ema.teacher.', 3],
    ] as const)
      expect(await openRoot(root(), { prefix })).toMatchObject({ names: NAMES, first, warnings: [] });
  });

  test('at the top level and below it: an empty --key is the top level', async () => {
    const root = () => dict(...network(1), ['ema', dict(...network(2))]);

    await refuse(root(), {}, AmbiguousCheckpointError, /"", "ema" \("" is the top level\)/);
    expect(await openRoot(root(), { key: '' })).toMatchObject({ first: 1 });
  });

  test('with equal tensors are one', async () => {
    const shared = network(1);
    expect(
      await openRoot(dict(['net', dict(...network(1))], ['ema', dict(['n', 5], ...network(1, 'module.'))])),
    ).toMatchObject({ first: 1, part: 'under "net"' });
    expect(await openRoot(dict(['net', dict(...shared)], ['twin', dict(...shared)]))).toMatchObject({ first: 1 });
  });

  test.each<[string, string, number, readonly number[]]>([
    ['another value', 'fc.bias', 9, [1]],
    ['another shape', 'fc.bias', 1, [1, 1]],
    ['another name', 'fc.bias2', 1, [1]],
  ])('with %s differ', async (_, name, value, shape) => {
    const changed = [...network(1).slice(0, 3), [name, tensor(value, shape)] as const];

    await refuse(dict(['a', dict(...network(1))], ['b', dict(...changed)]), {}, AmbiguousCheckpointError, /"a", "b"/);
  });

  test('by the thousand are refused after little work', async () => {
    const node = tensor(1);
    const entries = Array.from({ length: 5000 }, (_, index): Entry[] => [
      [`${index}.conv1.weight`, node],
      [`${index}.layer1.0.conv1.weight`, node],
    ]);
    const bytes = await zipBytes({ root: dict(...entries.flat()), storages });
    const usedMs = startProcessorClock();

    await expect(open(bytes)).rejects.toThrow(/and 4992 more/);

    expect(usedMs()).toBeLessThan(2000);
  });
});

describe('what is not found', () => {
  test('a key: those with tensors are named', async () => {
    const root = dict(['net', dict(...network(1))]);

    await refuse(
      root,
      { key: 'x' },
      UnsupportedCheckpointError,
      /under the key "x"; it has tensors under "net"\. Give/,
    );
  });

  test('a prefix: the first name is shown', async () => {
    const root = dict(...network(1));

    await refuse(root, { prefix: 'x.' }, UnsupportedCheckpointError, /begin with "x\."; its first name is "conv1/);
  });

  test('a network: tensors elsewhere are named', async () => {
    await refuse(dict(['net', dict(['w', tensor(1)])]), {}, UnsupportedCheckpointError, /tensors under "net".*--key/);
  });
});

test('--key and --prefix also take tensors of which none are a network', async () => {
  const root = dict(['a', dict(['x.w', tensor(1)], ['y.w', tensor(2)])]);

  expect(await openRoot(root, { key: 'a' })).toMatchObject({ names: ['x.w', 'y.w'] });
  expect(await openRoot(root, { key: 'a', prefix: 'y' })).toMatchObject({ names: ['w'] });
});

test('weights beside the network are left out with a warning, counters without', async () => {
  const counter = storageOf('counter', 'int64', BigInt64Array.of(3n));
  storages.push(counter);
  const root = dict(
    ...network(1, 'model.'),
    ['loss.weight', tensor(5)],
    ['n_averaged', tensorNode({ storage: counter, shape: [] }, 'zip')],
  );

  const { names, warnings } = await openRoot(root);

  expect(names).toEqual(NAMES);
  expect(warnings).toEqual([expect.stringMatching(/begin with "model\."; .* left out: "loss\.weight"$/)]);
});

describe('--skip-objects', () => {
  test('leaves out objects of unknown classes, with what is given to them', async () => {
    const thing = call(global('my.module', 'Thing'), tuple(1, list(UNKNOWN)), {
      entries: [['a', tensor(4)]],
      state: dict(['b', call(global('os', 'system'), tuple('touch pwned'))]),
    });
    const root = dict(['net', dict(...network(1))], ['thing', thing], ['again', UNKNOWN]);

    await refuse(root, {}, UnsafeCheckpointError, /"my\.module\.Thing", "os\.system", which are not.*--skip-objects/);
    expect(await openRoot(root, { skipObjects: true })).toEqual({
      names: NAMES,
      first: 1,
      part: 'under "net"',
      warnings: [expect.stringMatching(/left out .* "my\.module\.Thing", "os\.system"; nothing was executed/)],
    });
  });

  test.each(['fc.bias', 'conv1.weight', 'layer1.0.downsample.0.weight'])(
    'refuses when %s hangs on such an object',
    async (name) => {
      const root = dict(...network(1).filter(([known]) => known !== name), [name, UNKNOWN]);

      await refuse(root, { skipObjects: true }, UnsafeCheckpointError, /needs "my\.module\.Thing".* not complete/);
    },
  );

  test('refuses when the tensor is a parameter of one, or in a storage of an unknown type', async () => {
    const parameter = call(global('torch._utils', '_rebuild_parameter'), tuple(UNKNOWN, true, dict()));
    const root = dict(...network(1).slice(0, 3), ['fc.bias', parameter]);

    await refuse(root, { skipObjects: true }, UnsafeCheckpointError, /"fc\.bias" needs/);
  });

  test('a tensor of an unknown type beside the network: left out of a zip, refused in the legacy format', async () => {
    const storage = global('torch', 'ComplexFloatStorage');
    const complex = (...view: PickleNode[]): PickleNode =>
      call(
        global('torch._utils', '_rebuild_tensor_v2'),
        tuple({ kind: 'persistent', id: tuple('storage', storage, 'c', 'cpu', 1, ...view) }, 0, tuple(1), tuple(1)),
      );

    expect(await openRoot(dict(['net', dict(...network(1))], ['c', complex()]), { skipObjects: true })).toMatchObject({
      first: 1,
    });
    await expect(
      open(legacyBytes({ root: dict(['c', complex(null)]), storages: [] }), { skipObjects: true }),
    ).rejects.toThrow(/tensors of a type that is not supported/);
  });

  test('does not change what is refused as an opcode', async () => {
    await refuse(
      dict(['net', dict(...network(1))], ['x', { kind: 'raw', opcodes: Buffer.from('\x82\x01', 'latin1') }]),
      { skipObjects: true },
      UnsafeCheckpointError,
      /opcode EXT1/,
    );
  });
});
