import { ByteWindow } from '../../../models/checkpoint/byte-window.ts';
import { CheckpointFile } from '../../../models/checkpoint/checkpoint-file.ts';
import { UnsafeCheckpointError } from '../../../models/checkpoint/errors.ts';
import { CHECKPOINT_GLOBALS } from '../../../models/checkpoint/harmless-globals.ts';
import { readPickle } from '../../../models/checkpoint/pickle.ts';
import { PickleDict, PickleList, type PickleValue } from '../../../models/checkpoint/pickle-values.ts';
import { startProcessorClock } from '../../processor-time.ts';
import { call, dict, global, list, type PickleNode, pickle, raw, tuple } from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';

const files = useTemporaryFiles();

async function read(bytes: Uint8Array): Promise<PickleValue> {
  const file = await CheckpointFile.open(await files.write(bytes));
  try {
    return readPickle(new ByteWindow(file, 'pickle', 0, bytes.length), {
      globals: CHECKPOINT_GLOBALS,
      allowsByteStrings: true,
    });
  } finally {
    await file.close();
  }
}

const opcodes = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat([Buffer.from([0x80, 2]), ...parts.map((part) => Buffer.from(part as string, 'latin1'))]);

test.each([
  'numpy._core.multiarray scalar',
  'numpy._core.multiarray _reconstruct',
  'numpy._core.numeric _frombuffer',
  'numpy.core.multiarray scalar',
  '__builtin__ set',
  'builtins set',
  'pathlib._local PosixPath',
  'lightning.pytorch.utilities.parsing AttributeDict',
  'torch float8_e4m3fn',
  'torch.serialization _get_layout',
  'uuid UUID',
])('%s may be named, called, created and given attributes', async (path) => {
  const [module = '', name = ''] = path.split(' ');
  const called = call(global(module, name), tuple(1, 'a'), { state: dict(['x', 1]) });
  const created = call(global(module, name), tuple(), { newObject: true, state: tuple(1, 2) });
  const canBeCalled = module !== 'torch';

  await expect(
    read(pickle(list(global(module, name), ...(canBeCalled ? [called, created] : [])), { protocol: 4 })),
  ).resolves.toBeInstanceOf(PickleList);
});

test('dictionaries keep what they hold', async () => {
  const makers: PickleNode[] = [
    call(global('collections', 'Counter'), tuple(dict(['a', 1]))),
    call(global('collections', 'defaultdict'), tuple(global('__builtin__', 'list')), { entries: [['a', 1]] }),
    call(global('pytorch_lightning.utilities.parsing', 'AttributeDict'), tuple(), {
      newObject: true,
      entries: [['a', 1]],
    }),
  ];

  for (const maker of makers) {
    const value = await read(pickle(maker));

    expect(value instanceof PickleDict && [...value.entries]).toEqual([['a', 1]]);
  }
});

test("Python 2's bytes and sets of protocol 4 are read", async () => {
  await expect(read(opcodes('(U\x02\xff\xfe', 'T\x02\x00\x00\x00\xff\xfe', 't.'))).resolves.toBeDefined();
  await expect(
    read(opcodes('(\x8f(K\x01K\x02\x90', '(K\x01\x91', '\x96\x01', Buffer.alloc(7), 'at.')),
  ).resolves.toBeDefined();
  await expect(read(opcodes('](K\x01\x90.'))).rejects.toThrow(/adds items to a list instead of a set/);
});

test('a text of a megabyte, such as the data of an array, costs one step', async () => {
  const long = Buffer.alloc(2 ** 20, 'a');
  const length = Buffer.from([0, 0, 16, 0]);
  const parts = Array.from({ length: 20 }, () => ['X', length, long]).flat();

  await expect(read(opcodes('(', ...parts, 't.'))).resolves.toBeDefined();
});

test('a long integer is skipped', async () => {
  await expect(read(opcodes('\x8a\x20', Buffer.alloc(32, 1), '.'))).resolves.toMatchObject({
    description: 'a large integer',
  });
});

/** Names with which a pickle can run something, in Python 3's and Python 2's spelling. */
const DANGEROUS = [
  ...[
    'eval',
    'exec',
    'getattr',
    'setattr',
    '__import__',
    'compile',
    'open',
    'apply',
    'map',
    'type',
    'globals',
    'input',
  ],
].flatMap((name) => [`builtins ${name}`, `__builtin__ ${name}`]);
DANGEROUS.push(
  'os system',
  'posix system',
  'nt system',
  'subprocess Popen',
  'sys modules',
  'operator attrgetter',
  'operator getitem',
  '_operator methodcaller',
  'functools partial',
  'importlib import_module',
  'pty spawn',
  'torch load',
  'torch.storage _load_from_bytes',
  'torch._C _jit_compile',
  'numpy load',
  'pickle loads',
  'copyreg _reconstructor',
  'collections namedtuple',
  'runpy run_path',
  'code InteractiveInterpreter',
);

test.each(DANGEROUS)('%s is not on the list', async (path) => {
  const [module = '', name = ''] = path.split(' ');

  for (const protocol of [2, 4])
    await expect(read(pickle(call(global(module, name), tuple('id')), { protocol }))).rejects.toThrow(
      UnsafeCheckpointError,
    );
});

test('nothing on the list is more than its name: calls of results and of types are refused', async () => {
  const value = call(global('argparse', 'Namespace'), tuple());

  await expect(read(pickle(call(value, tuple())))).rejects.toThrow(/calls a value of argparse\.Namespace/);
  await expect(read(pickle(raw('ctorch.cuda\nFloatStorage\n)R')))).rejects.toThrow(/which cannot be called/);
});

test('all unknown names are in one message, also when the pickle is damaged after them', async () => {
  const names = Array.from({ length: 30 }, (_, index) => global('evil', `thing${index}`));
  const bytes = pickle(list(...names, global('evil', 'thing0')));

  for (const each of [bytes, bytes.subarray(0, -5)]) {
    const reading = read(each);

    await expect(reading).rejects.toThrow(UnsafeCheckpointError);
    await expect(reading).rejects.toThrow(/"evil\.thing0", .* "evil\.thing11" and 18 more, which are not/);
  }
});

const NAMESPACE = 'cargparse\nNamespace\n';

test.each([
  ['inert values', opcodes(NAMESPACE, 'q\x00(', 'h\x00)R'.repeat(2_000_000))],
  ['unknown names', opcodes('(', Array.from({ length: 500_000 }, (_, index) => `ca\n${index}\n`).join(''))],
  ['long unknown names', opcodes('(', `c${'a'.repeat(500)}\n${'b'.repeat(500)}\n`.repeat(50_000))],
  ['calls of unknown names', opcodes('ca\nb\nq\x00(', 'h\x00)R'.repeat(2_000_000))],
  ['sets', opcodes('\x8f'.repeat(5_000_000))],
])('work is bounded: %s', async (_, bytes) => {
  const usedMs = startProcessorClock();

  await expect(read(bytes)).rejects.toThrow(/refused for safety/);

  expect(usedMs()).toBeLessThan(2000);
});
