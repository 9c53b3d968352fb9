import { CHECKPOINT_GLOBALS } from '../../../models/checkpoint/harmless-globals.ts';
import { STORAGE } from '../../models/checkpoint/opcodes.ts';
import { op, pickle } from '../../models/checkpoint/pickle-writer.ts';
import { storageNode, tensorNode } from '../../models/checkpoint/tensor-nodes.ts';
import type { Random } from '../random.ts';

/** A rule of the grammar: opcodes that leave one value on the stack. */
type Rule = (random: Random, depth: number) => Buffer;

const NAMES = [
  ...CHECKPOINT_GLOBALS.keys(),
  'collections OrderedDict',
  'torch FloatStorage',
  'torch Size',
  'torch._utils _rebuild_tensor_v2',
  'torch._utils _rebuild_parameter',
  'os system',
  'builtins eval',
  'posix system',
  'subprocess Popen',
  'torch._utils _rebuild_qtensor',
  '__main__ __reduce__',
  'builtins getattr',
];
const MAX_DEPTH = 7;
const MEMO = 6;
const LENGTHS = [0, 1, 2, 255, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const ATOMS: readonly Rule[] = [
  () => Buffer.from('N'),
  (random) => Buffer.of(random.oneOf([0x88, 0x89])),
  (random) => op('K', 1, random.below(256)),
  (random) => op('J', 4, random.oneOf(LENGTHS)),
  (random) => Buffer.concat([Buffer.from('G'), random.bytes(8)]),
  (random) => Buffer.concat([op(0x8a, 1, 9), random.bytes(9)]),
  (random) => text(random.oneOf(['w', 'state_dict', 'conv1.weight', 'storage', '__class__', '\u001b[31m', '../x', ''])),
  (random) => op('h', 1, random.below(MEMO)),
  (random) => globalOf(random.oneOf(NAMES)),
  () => pickle(storageNode(STORAGE, 'legacy')).subarray(2, -1),
  () => pickle(tensorNode({ storage: STORAGE, shape: [3, 2] }, 'legacy')).subarray(2, -1),
  // A length that the file does not have.
  (random) => Buffer.concat([op(random.oneOf(['X', 'T', 'B']), 4, random.oneOf(LENGTHS)), random.bytes(4)]),
];

const COMPOUNDS: readonly Rule[] = [
  (random, depth) =>
    Buffer.concat([Buffer.from('('), values(random, depth), Buffer.from(random.oneOf(['t', 'l', 'd']))]),
  (random, depth) => Buffer.concat([Buffer.from(']('), values(random, depth), Buffer.from('e')]),
  (random, depth) => Buffer.concat([Buffer.from('}('), values(random, depth), values(random, depth), Buffer.from('u')]),
  (random, depth) => Buffer.concat([value(random, depth), Buffer.of(0x85)]),
  (random, depth) => Buffer.concat([value(random, depth), value(random, depth), Buffer.of(0x86)]),
  (random, depth) => Buffer.concat([value(random, depth), op('q', 1, random.below(MEMO))]),
  (random, depth) => Buffer.concat([value(random, depth), Buffer.of(0x94)]),
  // A call of a name, or of whatever is there.
  (random, depth) => {
    const callee = random.isChance(0.8) ? globalOf(random.oneOf(NAMES)) : value(random, depth);
    const args = Buffer.concat([Buffer.from('('), values(random, depth), Buffer.from('t')]);
    return Buffer.concat([callee, args, random.oneOf([Buffer.from('R'), Buffer.of(0x81)])]);
  },
  (random, depth) => Buffer.concat([value(random, depth), value(random, depth), Buffer.from('b')]),
  (random, depth) => Buffer.concat([value(random, depth), Buffer.from('Q')]),
  (random, depth) =>
    Buffer.concat([value(random, depth), value(random, depth), value(random, depth), Buffer.from('s')]),
  // A value that contains itself.
  () => Buffer.concat([Buffer.from(']'), op('q', 1, 0), op('h', 1, 0), Buffer.from('a')]),
];

/** Programs that are long or deep, or grow with each step. */
const SWOLLEN: Readonly<Record<string, (times: number) => Buffer>> = {
  'nested lists': (times) => Buffer.concat([Buffer.alloc(times, ']'), Buffer.alloc(times - 1, 'a')]),
  'nested tuples': (times) => Buffer.concat([Buffer.from('N'), Buffer.alloc(times, 0x85)]),
  marks: (times) => Buffer.alloc(times, '('),
  'doubled tuples': (times) =>
    Buffer.concat([Buffer.from('N'), ...Array(times).fill(Buffer.from('q\0h\0\x86', 'latin1'))]),
  'doubled dictionaries': (times) =>
    Buffer.concat([Buffer.from('}'), ...Array(times).fill(Buffer.from('q\0}K\0h\0sK\x01h\0s', 'latin1'))]),
  'many memos': (times) =>
    Buffer.concat(
      Array.from({ length: times }, (_, index) => Buffer.concat([Buffer.from('N'), op('r', 4, index * 65_537)])),
    ),
  duplicates: (times) => Buffer.concat([Buffer.from('N'), Buffer.alloc(times, '2')]),
  'many names': (times) => Buffer.concat(Array(times).fill(globalOf('collections OrderedDict'))),
};
const TIMES = [40, 1_000, 30_000, 200_000];

/** Returns a pickle by the grammar: mostly one that ends with one value on the stack. */
export function pickleProgram(random: Random): Buffer {
  const end = random.isChance(0.9) ? '.' : '';
  return Buffer.concat([Buffer.of(0x80, 2 + random.below(4)), value(random, 0), Buffer.from(end)]);
}

/** Returns a pickle of a dictionary with a tensor in it, and values by the grammar beside it. */
export function valuesBeside(random: Random): Buffer {
  const tensor = pickle(tensorNode({ storage: STORAGE, shape: [3, 2] }, 'legacy')).subarray(2, -1);
  const others = Array.from({ length: 1 + random.below(3) }, (_, index) => [text(`x${index}`), value(random, 2)]);
  return Buffer.concat([Buffer.from('\x80\x02}(', 'latin1'), text('w'), tensor, ...others.flat(), Buffer.from('u.')]);
}

/** Returns a pickle that takes as much time, depth or memory as it can, and its name. */
export function swollenProgram(random: Random): { readonly name: string; readonly bytes: Buffer } {
  const name = random.oneOf(Object.keys(SWOLLEN));
  const times = random.oneOf(TIMES);
  const body = SWOLLEN[name]?.(times) ?? Buffer.alloc(0);
  return { name: `${name}, ${times} times`, bytes: Buffer.concat([Buffer.of(0x80, 2), body, Buffer.from('.')]) };
}

function value(random: Random, depth: number): Buffer {
  const rules = depth >= MAX_DEPTH || random.isChance(0.4) ? ATOMS : COMPOUNDS;
  return random.oneOf(rules)(random, depth + 1);
}

function values(random: Random, depth: number): Buffer {
  return Buffer.concat(Array.from({ length: random.below(4) }, () => value(random, depth)));
}

function text(characters: string): Buffer {
  const bytes = Buffer.from(characters);
  return Buffer.concat([op('X', 4, bytes.length), bytes]);
}

function globalOf(name: string): Buffer {
  return Buffer.from(`c${name.replace(' ', '\n')}\n`);
}
