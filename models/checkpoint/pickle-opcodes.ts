import type { PickleMachine } from './pickle-machine.ts';
import {
  describe,
  PickleDict,
  PickleInert,
  PickleList,
  PickleObject,
  PickleTuple,
  PickleUnknown,
  type PickleValue,
} from './pickle-values.ts';

type Opcode = (machine: PickleMachine) => void;

/** Integers in a state dict have at most 8 bytes; the magic number has 10. */
const READ_INTEGER_BYTES = 16;
/** Longer ones are skipped: a UUID and the state of a random generator have 17. */
const MAX_INTEGER_BYTES = 4096;
const MAX_GLOBAL_NAME_BYTES = 512;
const SET = 'a set';

/**
 * Everything that a pickle can do. The names are Python's (module pickletools). The reader itself
 * handles STOP and the leading PROTO.
 */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  // Constants
  [char('N'), (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [char('K'), (machine) => machine.push(machine.source.byte())], // BININT1
  [char('M'), (machine) => machine.push(machine.source.take(2).readUInt16LE())], // BININT2
  [char('J'), (machine) => machine.push(machine.source.take(4).readInt32LE())], // BININT
  [char('G'), (machine) => machine.push(machine.source.take(8).readDoubleBE())], // BINFLOAT
  [0x8a, (machine) => pushInteger(machine, machine.source.byte())], // LONG1
  [0x8b, (machine) => pushInteger(machine, machine.source.take(4).readInt32LE())], // LONG4
  // Text; SHORT_BINSTRING and BINSTRING come from Python 2
  [char('U'), (machine) => machine.push(machine.byteString(machine.source.byte()))], // SHORT_BINSTRING
  [char('T'), (machine) => machine.push(machine.byteString(signedLength(machine)))], // BINSTRING
  [0x8c, (machine) => machine.push(machine.text(machine.source.byte()))], // SHORT_BINUNICODE
  [char('X'), (machine) => machine.push(machine.text(machine.source.take(4).readUInt32LE()))], // BINUNICODE
  [0x8d, (machine) => machine.push(machine.text(length64(machine)))], // BINUNICODE8
  // Bytes, which are skipped because nothing here needs them
  [char('C'), (machine) => machine.push(machine.bytes(machine.source.byte()))], // SHORT_BINBYTES
  [char('B'), (machine) => machine.push(machine.bytes(machine.source.take(4).readUInt32LE()))], // BINBYTES
  [0x8e, (machine) => machine.push(machine.bytes(length64(machine)))], // BINBYTES8
  [0x96, (machine) => machine.push(machine.bytes(length64(machine)))], // BYTEARRAY8
  // Containers
  [char('('), (machine) => machine.mark()], // MARK
  [char(')'), (machine) => machine.push(new PickleTuple([]))], // EMPTY_TUPLE
  [0x85, (machine) => pushTuple(machine, 1)], // TUPLE1
  [0x86, (machine) => pushTuple(machine, 2)], // TUPLE2
  [0x87, (machine) => pushTuple(machine, 3)], // TUPLE3
  [char('t'), (machine) => machine.push(new PickleTuple(machine.popToMark()))], // TUPLE
  [char(']'), (machine) => machine.push(new PickleList())], // EMPTY_LIST
  [char('a'), (machine) => append(machine, [machine.pop()])], // APPEND
  [char('e'), (machine) => append(machine, machine.popToMark())], // APPENDS
  [char('}'), (machine) => machine.push(new PickleDict())], // EMPTY_DICT
  [char('s'), (machine) => setItems(machine, popItems(machine, 2))], // SETITEM
  [char('u'), (machine) => setItems(machine, machine.popToMark())], // SETITEMS
  // Sets, whose items nothing here needs
  [0x8f, (machine) => machine.push(new PickleInert(SET))], // EMPTY_SET
  [0x90, addItems], // ADDITEMS
  [0x91, pushFrozenSet], // FROZENSET
  // Memo
  [char('q'), (machine) => machine.remember(machine.source.byte())], // BINPUT
  [char('r'), (machine) => machine.remember(machine.source.take(4).readUInt32LE())], // LONG_BINPUT
  [0x94, (machine) => machine.rememberNext()], // MEMOIZE
  [char('h'), (machine) => machine.recall(machine.source.byte())], // BINGET
  [char('j'), (machine) => machine.recall(machine.source.take(4).readUInt32LE())], // LONG_BINGET
  // Objects, only those on our list
  [char('c'), pushNamedGlobal], // GLOBAL
  [0x93, pushStackGlobal], // STACK_GLOBAL
  [char('R'), construct], // REDUCE
  [0x81, construct], // NEWOBJ
  [char('b'), build], // BUILD
  [char('Q'), (machine) => machine.push(machine.persistent(machine.pop()))], // BINPERSID
  // Framing
  [0x95, checkFrame], // FRAME
]);

/** Opcodes that Python has but this reader refuses, with their names for the message. */
export const REFUSED_OPCODES: ReadonlyMap<number, string> = new Map([
  ...Object.entries({
    0: 'POP',
    1: 'POP_MARK',
    2: 'DUP',
    F: 'FLOAT',
    I: 'INT',
    L: 'LONG',
    P: 'PERSID',
    S: 'STRING',
    V: 'UNICODE',
    d: 'DICT',
    g: 'GET',
    i: 'INST',
    l: 'LIST',
    o: 'OBJ',
    p: 'PUT',
  }).map(([code, name]) => [code.charCodeAt(0), name] as const),
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x92, 'NEWOBJ_EX'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
]);

function char(text: string): number {
  return text.charCodeAt(0);
}

function signedLength(machine: PickleMachine): number {
  const length = machine.source.take(4).readInt32LE();
  if (length < 0) throw machine.damaged(`contains text with a length of ${length} bytes`);
  return length;
}

/** Reads a 64-bit length as a number. It is inexact above 2^53, but no file is that large. */
function length64(machine: PickleMachine): number {
  return Number(machine.source.take(8).readBigUInt64LE());
}

/**
 * Pushes an integer in two's complement, little-endian. It becomes a number where that is exact, so
 * every integer that can be a size is a number.
 */
function pushInteger(machine: PickleMachine, length: number): void {
  if (length < 0 || length > MAX_INTEGER_BYTES) {
    throw machine.damaged(`contains an integer of ${length} bytes; the limit is ${MAX_INTEGER_BYTES}`);
  }
  if (length > READ_INTEGER_BYTES) {
    machine.bytes(length);
    machine.push(new PickleInert('a large integer'));
    return;
  }
  const hex = Buffer.from(machine.source.take(length)).reverse().toString('hex');
  const value = BigInt.asIntN(8 * length, BigInt(`0x0${hex}`));
  const number = Number(value);
  machine.push(Number.isSafeInteger(number) ? number : value);
}

function popItems(machine: PickleMachine, count: number): PickleValue[] {
  const items: PickleValue[] = [];
  for (let index = 0; index < count; index++) items.push(machine.pop());
  return items.reverse();
}

function pushTuple(machine: PickleMachine, count: number): void {
  machine.push(new PickleTuple(popItems(machine, count)));
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (list instanceof PickleUnknown) return;
  if (!(list instanceof PickleList)) throw machine.damaged(`appends to ${describe(list)} instead of a list`);
  for (const item of items) list.items.push(item);
}

function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const dict = machine.top();
  if (dict instanceof PickleUnknown) return;
  if (!(dict instanceof PickleDict)) throw machine.damaged(`sets items of ${describe(dict)} instead of a dictionary`);
  if (items.length % 2 !== 0) throw machine.damaged('sets a key without a value');
  for (let index = 0; index < items.length; index += 2) dict.set(items[index] ?? null, items[index + 1] ?? null);
}

function addItems(machine: PickleMachine): void {
  machine.popToMark();
  const set = machine.top();
  if (!(set instanceof PickleInert && set.description === SET) && !(set instanceof PickleUnknown))
    throw machine.damaged(`adds items to ${describe(set)} instead of a set`);
}

function pushFrozenSet(machine: PickleMachine): void {
  machine.popToMark();
  machine.push(new PickleInert(SET));
}

function pushNamedGlobal(machine: PickleMachine): void {
  const module = machine.source.line(MAX_GLOBAL_NAME_BYTES).toString();
  const name = machine.source.line(MAX_GLOBAL_NAME_BYTES).toString();
  machine.push(machine.findGlobal(module, name));
}

function pushStackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  machine.push(machine.findGlobal(module, name));
}

/** Calls a class or a function with its arguments; both must be on our list. */
function construct(machine: PickleMachine): void {
  const args = machine.pop();
  const callee = machine.pop();
  if (!(args instanceof PickleTuple)) throw machine.damaged(`passes ${describe(args)} as arguments instead of a tuple`);
  machine.push(machine.call(callee, args.items));
}

/** Handles BUILD, which sets attributes in Python. Here it runs nothing: see `takeState`. */
function build(machine: PickleMachine): void {
  const state = machine.pop();
  const target = machine.top();
  if (!(target instanceof PickleObject && target.takeState(state)))
    throw machine.unsafe(`sets attributes of ${describe(target)}, which is not allowed`);
}

/**
 * Checks a frame. Frames only group bytes for reading ahead, and none can be longer than the file.
 */
function checkFrame(machine: PickleMachine): void {
  const length = length64(machine);
  if (length > machine.source.remaining) {
    throw machine.damaged(`announces a frame of ${length} bytes, but only ${machine.source.remaining} are left`);
  }
}
