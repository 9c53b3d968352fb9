import { ByteWindow } from '../../../models/checkpoint/byte-window.ts';
import { CheckpointFile } from '../../../models/checkpoint/checkpoint-file.ts';
import {
  DamagedCheckpointError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { readPickle } from '../../../models/checkpoint/pickle.ts';
import {
  PickleDict,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from '../../../models/checkpoint/pickle-values.ts';
import { TORCH_GLOBALS } from '../../../models/checkpoint/torch-globals.ts';
import { startProcessorClock } from '../../processor-time.ts';
import {
  call,
  dict,
  float,
  global,
  list,
  op,
  orderedDict,
  type PickleNode,
  persistent,
  pickle,
  raw,
  tuple,
} from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';

const files = useTemporaryFiles();

async function read(bytes: Uint8Array, persistentLoad?: (id: PickleValue) => PickleValue): Promise<PickleValue> {
  const file = await CheckpointFile.open(await files.write(bytes));
  try {
    const environment = persistentLoad === undefined ? {} : { persistent: persistentLoad };
    return readPickle(new ByteWindow(file, 'pickle', 0, bytes.length), { globals: TORCH_GLOBALS, ...environment });
  } finally {
    await file.close();
  }
}

/** Returns a pickle of protocol 2 with these opcodes, without an end. */
function opcodes(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat([
    Buffer.from([0x80, 2]),
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  ]);
}

function plain(value: PickleValue): unknown {
  if (value instanceof PickleDict) return { dict: [...value.entries].map(([key, item]) => [plain(key), plain(item)]) };
  if (value instanceof PickleList) return { list: value.items.map(plain) };
  if (value instanceof PickleTuple) return { tuple: value.items.map(plain) };
  return value instanceof PickleObject ? value.description : value;
}

const EVERYTHING = dict(
  ['integers', list(0, 255, 256, 65_535, 65_536, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, -(2 ** 40), 2n ** 70n)],
  ['others', list(null, true, false, float(0.1), { kind: 'bytes', value: Buffer.from('abc') })],
  ['tuples', tuple(tuple(), tuple(1), tuple(1, 2), tuple(1, 2, 3), tuple(1, 2, 3, 4))],
  ['text', list('', 'é€😀', 'x'.repeat(300), 'x'.repeat(70_000))],
  ['ordered', orderedDict([['_a', 1]], dict(['_metadata', dict()]))],
  ['called', list(call(global('torch', 'Size'), tuple(tuple(2, 3))), global('torch', 'float16'))],
  ['__proto__', dict(['polluted', true])],
  ['constructor', 1],
);

test.each([2, 3, 4, 5])('protocol %i', async (protocol) => {
  const value = plain(await read(pickle(EVERYTHING, { protocol })));

  expect(value).toEqual({
    dict: [
      [
        'integers',
        { list: [0, 255, 256, 65_535, 65_536, -1, 2147483647, -2147483648, 2 ** 40, -(2 ** 40), 2n ** 70n] },
      ],
      ['others', { list: [null, true, false, 0.1, 'bytes'] }],
      [
        'tuples',
        {
          tuple: [{ tuple: [] }, { tuple: [1] }, { tuple: [1, 2] }, { tuple: [1, 2, 3] }, { tuple: [1, 2, 3, 4] }],
        },
      ],
      ['text', { list: ['', 'é€😀', 'x'.repeat(300), 'x'.repeat(70_000)] }],
      ['ordered', { dict: [['_a', 1]] }],
      ['called', { list: [{ tuple: [2, 3] }, 'torch.float16'] }],
      ['__proto__', { dict: [['polluted', true]] }],
      ['constructor', 1],
    ],
  });
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a pickle from Python 2 has byte strings and an OrderedDict of pairs', async () => {
  const pairs = list(list('conv1.weight', 1), list('x'.repeat(300), 2));
  const node = call(global('collections', 'OrderedDict'), tuple(pairs));

  const value = await read(pickle(node, { python2Strings: true }));

  expect(plain(value)).toEqual({
    dict: [
      ['conv1.weight', 1],
      ['x'.repeat(300), 2],
    ],
  });
});

test('an object that was pickled twice is one object, also inside itself', async () => {
  const value = await read(opcodes(']q\x00(h\x00h\x00e.'));

  expect(value).toBeInstanceOf(PickleList);
  if (!(value instanceof PickleList)) return;
  expect(value.items).toHaveLength(2);
  expect(value.items.every((item) => item === value)).toBe(true);
});

test('less common opcodes: LONG4, BINUNICODE8, BINBYTES8, NEWOBJ, far memo', async () => {
  const far = op('r', 4, 4_000_000_000);
  const recall = op('j', 4, 4_000_000_000);
  const parts = ['(', op(0x8b, 4, 2), '\x00\x01', op(0x8d, 8, 2), 'ab', op(0x8e, 8, 1), 'z'];
  const bytes = opcodes(...parts, 'ccollections\nOrderedDict\n)\x81', far, recall, 't.');

  expect(plain(await read(bytes))).toEqual({ tuple: [256, 'ab', 'bytes', { dict: [] }, { dict: [] }] });
});

test('a hundred thousand nested tuples cost nothing: the reader does not recurse', async () => {
  await expect(read(opcodes(')', '\x85'.repeat(100_000), '.'))).resolves.toBeInstanceOf(PickleTuple);
});

test('persistent ids are passed to the reader of the pickle', async () => {
  expect(await read(pickle(persistent(tuple('storage', 1))), (id) => `<${JSON.stringify(plain(id))}>`)).toBe(
    '<{"tuple":["storage",1]}>',
  );
  await expect(read(pickle(persistent('id')))).rejects.toThrow(UnsafeCheckpointError);
});

const OS_SYSTEM = call(global('os', 'system'), tuple('touch /tmp/pwned'));
const MALICIOUS: readonly (readonly [string, PickleNode, RegExp])[] = [
  ['os.system', OS_SYSTEM, /refers to "os\.system"/],
  ['posix.system', call(global('posix', 'system'), tuple('id')), /refers to "posix\.system"/],
  ['nt.system', call(global('nt', 'system'), tuple('id')), /refers to "nt\.system"/],
  ['builtins.eval', call(global('builtins', 'eval'), tuple('1')), /refers to "builtins\.eval"/],
  ['__builtin__.exec', call(global('__builtin__', 'exec'), tuple('1')), /refers to "__builtin__\.exec"/],
  ['builtins.getattr', call(global('builtins', 'getattr'), tuple('', 'x')), /refers to "builtins\.getattr"/],
  ['subprocess.Popen by NEWOBJ', call(global('subprocess', 'Popen'), tuple('id'), { newObject: true }), /Popen/],
  ['a global only named', global('sys', 'modules'), /refers to "sys\.modules"/],
  ['a dotted name', global('collections', 'OrderedDict.__class__'), /refers to/],
  ['a JavaScript name', global('Object', 'constructor'), /refers to "Object\.constructor"/],
  ['a name of two words', global('', 'collections OrderedDict'), /refers to/],
  ['argparse.Namespace', call(global('argparse', 'Namespace'), tuple()), /refers to "argparse\.Namespace"/],
  ['numpy scalars', global('numpy.core.multiarray', 'scalar'), /refers to "numpy\.core\.multiarray\.scalar"/],
  ['torch.load itself', global('torch.storage', '_load_from_bytes'), /refers to/],
  ['hidden deep in a state dict', dict(['a', list(tuple(1, dict(['b', OS_SYSTEM])))]), /refers to "os\.system"/],
  ['BUILD on a global', raw('ctorch\nSize\n}X\x01\x00\x00\x00aNsb'), /sets attributes of torch\.Size/],
  ['BUILD on a tuple', raw(')}b'), /sets attributes of a tuple/],
  ['a call of a text', raw('X\x01\x00\x00\x00a)R'), /calls "a", which cannot be called/],
  ['a call of a tuple', raw('))R'), /calls a tuple/],
  ['a call of a storage type', raw('ctorch\nFloatStorage\n)R'), /calls torch\.FloatStorage/],
  ['INST', raw('(ios\nsystem\n'), /opcode INST/],
  ['OBJ', raw('(ccollections\nOrderedDict\no'), /opcode OBJ/],
  ['NEWOBJ_EX', raw('ccollections\nOrderedDict\n)}\x92'), /opcode NEWOBJ_EX/],
  ['EXT1', raw('\x82\x01'), /opcode EXT1/],
  ['EXT2', raw('\x83\x01\x00'), /opcode EXT2/],
  ['EXT4', raw('\x84\x01\x00\x00\x00'), /opcode EXT4/],
  ['PERSID', raw('Pid\n'), /opcode PERSID/],
  ['text numbers', raw('I1\n'), /opcode INT/],
];

test.each(MALICIOUS)('refuses %s', async (_, node, message) => {
  for (const protocol of [2, 4]) {
    const reading = read(pickle(node, { protocol }));

    await expect(reading).rejects.toThrow(UnsafeCheckpointError);
    await expect(reading).rejects.toThrow(message);
  }
});

test('STACK_GLOBAL accepts only text', async () => {
  await expect(read(opcodes('K\x01K\x02\x93.'))).rejects.toThrow(/a class or function without a name/);
});

test('a refusal says that nothing was executed and what to do, without control characters from the file', async () => {
  const reading = read(pickle(global('evil\x1b[2J', `name${'x'.repeat(400)}`)));

  await expect(reading).rejects.toThrow(/Nothing was executed.*torch\.save\(model\.state_dict\(\), path\)/);
  await expect(reading).rejects.toMatchObject({ code: 'unsafe-checkpoint' });
  await reading.catch((error: Error) => {
    expect(error.message).not.toContain('\x1b');
    expect(error.message.length).toBeLessThan(500);
  });
});

test.each([
  ['text of 2^40 bytes', opcodes(op(0x8d, 8, 2n ** 40n)), /needs 1099511627776 more bytes/],
  ['text of 2^64 - 1 bytes', opcodes(op(0x8d, 8, 2n ** 64n - 1n)), /needs 1844674/],
  ['text of 4 GB', opcodes(op('X', 4, 2 ** 32 - 1)), /needs 4294967295 more bytes/],
  ['text of negative length', opcodes(op('T', 4, 2 ** 32 - 1)), /text with a length of -1 bytes/],
  ['bytes of 2^40', opcodes(op(0x8e, 8, 2n ** 40n)), /needs 1099511627776 more bytes/],
  ['an integer of 2 GB', opcodes(op(0x8b, 4, 2 ** 31 - 1)), /integer of 2147483647 bytes/],
  ['an integer of negative length', opcodes(op(0x8b, 4, 2 ** 32 - 1)), /integer of -1 bytes/],
  ['a frame of 2^40', opcodes(op(0x95, 8, 2n ** 40n), 'N.'), /announces a frame of 1099511627776 bytes/],
  ['a memo never written', opcodes(op('j', 4, 2 ** 31), '.'), /recalls value 2147483648/],
  ['an empty stack', opcodes('.'), /empty stack/],
  ['a value below a mark', opcodes('N(\x85.'), /empty stack/],
  ['a mark never set', opcodes('Nt.'), /mark that was never set/],
  ['values left over', opcodes('NN.'), /that nothing uses/],
  ['a mark left over', opcodes('(N.'), /that nothing uses|empty/],
  ['a key without a value', opcodes('}(Nu.'), /without a value/],
  ['items of a list', opcodes(']NNs.'), /sets items of a list instead/],
  ['appending to a dictionary', opcodes('}Na.'), /appends to a dictionary instead/],
  ['arguments that are no tuple', opcodes('ccollections\nOrderedDict\n]R.'), /passes a list as arguments/],
  ['an OrderedDict of a number', opcodes('ccollections\nOrderedDict\nK\x01\x85R.'), /creates an OrderedDict from 1/],
  ['an OrderedDict of no pairs', opcodes('ccollections\nOrderedDict\n])\x85a\x85R.'), /pairs|OrderedDict/],
  ['a size of a number', opcodes('ctorch\nSize\nK\x01\x85R.'), /creates a torch\.Size from 1/],
  ['text that is not UTF-8', opcodes('U\x02\xff\xfe.'), /not UTF-8/],
  ['no opcode', opcodes('\xff'), /unknown opcode 0xff/],
  ['a second PROTO', opcodes('\x80\x02N.'), /unknown opcode 0x80/],
  ['a global without end', opcodes(`c${'x'.repeat(600)}`), /longer than 512 bytes/],
  ['no protocol', Buffer.from('N.'), /starts with byte 0x4e/],
])('damaged: %s', async (_, bytes, message) => {
  const reading = read(bytes);

  await expect(reading).rejects.toThrow(DamagedCheckpointError);
  await expect(reading).rejects.toThrow(message);
});

test.each([0, 1, 6, 255])('protocol %i is named', async (protocol) => {
  const reading = read(Buffer.from([0x80, protocol, 0x4e, 0x2e]));

  await expect(reading).rejects.toThrow(UnsupportedCheckpointError);
  await expect(reading).rejects.toThrow(`pickle protocol ${protocol};`);
});

test('every shortened pickle is reported as incomplete', async () => {
  for (const protocol of [2, 4]) {
    const bytes = pickle(list('name', tuple(1, 2 ** 40, float(1)), global('torch', 'Size'), orderedDict([])), {
      protocol,
    });
    for (let length = 0; length < bytes.length; length++) {
      await expect(read(bytes.subarray(0, length))).rejects.toThrow(DamagedCheckpointError);
    }
  }
});

/** Pickles that would use up memory or time if their work were not limited. */
const BOMBS: readonly (readonly [string, Buffer])[] = [
  ['ten million dictionaries', opcodes('}'.repeat(10_000_000))],
  ['ten million marks', opcodes('('.repeat(10_000_000))],
  ['memo writes', opcodes('N', '\x94'.repeat(10_000_000))],
  ['references to one list', opcodes(']q\x00(', 'h\x00'.repeat(5_000_000))],
  ['text', opcodes(...Array.from({ length: 40 }, () => ['X\x40\x42\x0f\x00', 'a'.repeat(1_000_000)]).flat())],
  [
    'copies of one list of pairs',
    opcodes('ccollections\nOrderedDict\nq\x00](', 'NN\x86'.repeat(50_000), 'eq\x01', 'h\x00h\x01\x85R'.repeat(100_000)),
  ],
];

test.each(BOMBS)('work is bounded: %s', async (_, bytes) => {
  const usedMs = startProcessorClock();

  await expect(read(bytes)).rejects.toThrow(/takes more than 400000 steps/);

  expect(usedMs()).toBeLessThan(2000);
});
