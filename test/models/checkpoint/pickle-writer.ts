/**
 * What can be pickled here: plain values, and objects from the functions below. An object that is
 * used twice is written once.
 */
export type PickleNode = null | boolean | number | bigint | string | PickleObject;

export type PickleObject =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'tuple'; readonly items: readonly PickleNode[] }
  | { readonly kind: 'list'; readonly items: readonly PickleNode[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [PickleNode, PickleNode])[] }
  | { readonly kind: 'global'; readonly module: string; readonly name: string }
  | { readonly kind: 'call'; readonly callee: PickleNode; readonly args: PickleNode; readonly extra: CallExtra }
  | { readonly kind: 'persistent'; readonly id: PickleNode }
  | { readonly kind: 'raw'; readonly opcodes: Uint8Array };

export interface CallExtra {
  /** Use NEWOBJ instead of REDUCE. */
  readonly newObject?: boolean;
  /** Items that are set on the new object. */
  readonly entries?: readonly (readonly [PickleNode, PickleNode])[];
  /** State that is passed to BUILD. */
  readonly state?: PickleNode;
}

export interface PickleOptions {
  /** Protocol 2 to 5. Default 2, as in torch.save. */
  readonly protocol?: number;
  /** Write strings as Python 2 did (SHORT_BINSTRING, BINSTRING). */
  readonly python2Strings?: boolean;
}

export const float = (value: number): PickleObject => ({ kind: 'float', value });
export const tuple = (...items: readonly PickleNode[]): PickleObject => ({ kind: 'tuple', items });
export const list = (...items: readonly PickleNode[]): PickleObject => ({ kind: 'list', items });
export const dict = (...entries: readonly (readonly [PickleNode, PickleNode])[]): PickleObject => ({
  kind: 'dict',
  entries,
});
export const global = (module: string, name: string): PickleObject => ({ kind: 'global', module, name });
export const call = (callee: PickleNode, args: PickleNode, extra: CallExtra = {}): PickleObject => ({
  kind: 'call',
  callee,
  args,
  extra,
});
export const persistent = (id: PickleNode): PickleObject => ({ kind: 'persistent', id });
/** Takes opcodes unchanged, as text or bytes; they must leave one value on the stack. */
export const raw = (opcodes: string | Uint8Array): PickleObject => ({
  kind: 'raw',
  opcodes: typeof opcodes === 'string' ? Buffer.from(opcodes, 'latin1') : opcodes,
});
export const orderedDict = (
  entries: readonly (readonly [PickleNode, PickleNode])[],
  state?: PickleNode,
): PickleObject =>
  call(global('collections', 'OrderedDict'), tuple(), { entries, ...(state === undefined ? {} : { state }) });

/**
 * Returns the bytes that Python's pickle module would write for `node`, in everything that matters
 * to a reader.
 */
export function pickle(node: PickleNode, options: PickleOptions = {}): Buffer {
  const protocol = options.protocol ?? 2;
  const emitter = new Emitter(protocol, options.python2Strings ?? false);
  emitter.write(node);
  const body = Buffer.concat([...emitter.chunks, Buffer.from('.')]);
  const head = Buffer.from([0x80, protocol]);
  return protocol < 4 ? Buffer.concat([head, body]) : Buffer.concat([head, op(0x95, 8, body.length), body]);
}

class Emitter {
  readonly chunks: Uint8Array[] = [];
  readonly #memo = new Map<PickleObject | string, number>();
  readonly #protocol: number;
  readonly #python2Strings: boolean;

  constructor(protocol: number, python2Strings: boolean) {
    this.#protocol = protocol;
    this.#python2Strings = python2Strings;
  }

  write(node: PickleNode): void {
    if (node === null) this.#code('N');
    else if (typeof node === 'boolean') this.#push(Buffer.from([node ? 0x88 : 0x89]));
    else if (typeof node === 'number') this.#integer(node);
    else if (typeof node === 'bigint') this.#long(node);
    else this.#memoized(node);
  }

  #memoized(node: string | PickleObject): void {
    const key = typeof node === 'object' && node.kind === 'global' ? `global ${node.module} ${node.name}` : node;
    const known = this.#memo.get(key);
    if (known !== undefined) {
      this.#push(known < 256 ? op('h', 1, known) : op('j', 4, known));
      return;
    }
    if (typeof node === 'string') this.#string(node);
    else this.#object(node);
    if (typeof node === 'string' || !['float', 'persistent', 'raw', 'call'].includes(node.kind)) this.#remember(key);
  }

  #remember(key: PickleObject | string): void {
    if (this.#memo.has(key)) return;
    const index = this.#memo.size;
    this.#memo.set(key, index);
    if (this.#protocol >= 4) this.#push(Buffer.from([0x94]));
    else this.#push(index < 256 ? op('q', 1, index) : op('r', 4, index));
  }

  #object(node: PickleObject): void {
    if (node.kind === 'float') {
      const bytes = Buffer.alloc(9, 'G');
      bytes.writeDoubleBE(node.value, 1);
      this.#push(bytes);
    } else if (node.kind === 'bytes') this.#push(op('B', 4, node.value.length), node.value);
    else if (node.kind === 'tuple') this.#tuple(node.items);
    else if (node.kind === 'list') this.#list(node);
    else if (node.kind === 'dict') {
      this.#code('}');
      this.#remember(node);
      this.#entries(node.entries);
    } else if (node.kind === 'global') this.#global(node.module, node.name);
    else if (node.kind === 'call') this.#call(node);
    else if (node.kind === 'persistent') {
      this.write(node.id);
      this.#code('Q');
    } else this.#push(node.opcodes);
  }

  #call(node: Extract<PickleObject, { kind: 'call' }>): void {
    this.write(node.callee);
    this.write(node.args);
    this.#push(node.extra.newObject ? Buffer.from([0x81]) : Buffer.from('R'));
    this.#remember(node);
    this.#entries(node.extra.entries ?? []);
    if (node.extra.state !== undefined) {
      this.write(node.extra.state);
      this.#code('b');
    }
  }

  #tuple(items: readonly PickleNode[]): void {
    if (items.length > 3) this.#code('(');
    for (const item of items) this.write(item);
    if (items.length > 3) this.#code('t');
    else this.#push(Buffer.from([[0x29, 0x85, 0x86, 0x87][items.length] ?? 0]));
  }

  #list(node: Extract<PickleObject, { kind: 'list' }>): void {
    this.#code(']');
    this.#remember(node);
    if (node.items.length === 0) return;
    if (node.items.length > 1) this.#code('(');
    for (const item of node.items) this.write(item);
    this.#code(node.items.length > 1 ? 'e' : 'a');
  }

  #entries(entries: readonly (readonly [PickleNode, PickleNode])[]): void {
    if (entries.length === 0) return;
    if (entries.length > 1) this.#code('(');
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
    this.#code(entries.length > 1 ? 'u' : 's');
  }

  #global(module: string, name: string): void {
    if (this.#protocol < 4) {
      this.#push(Buffer.from(`c${module}\n${name}\n`));
      return;
    }
    this.write(module);
    this.write(name);
    this.#push(Buffer.from([0x93]));
  }

  #string(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#python2Strings) this.#push(bytes.length < 256 ? op('U', 1, bytes.length) : op('T', 4, bytes.length));
    else if (this.#protocol >= 4 && bytes.length < 256) this.#push(op(0x8c, 1, bytes.length));
    else this.#push(op('X', 4, bytes.length));
    this.#push(bytes);
  }

  #integer(value: number): void {
    if (!Number.isInteger(value)) throw new RangeError(`pickle-writer: ${value} is no integer, use float()`);
    if (value >= 0 && value < 2 ** 8) this.#push(op('K', 1, value));
    else if (value >= 0 && value < 2 ** 16) this.#push(op('M', 2, value));
    else if (value >= -(2 ** 31) && value < 2 ** 31) this.#push(op('J', 4, value >>> 0));
    else this.#long(BigInt(value));
  }

  #long(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.push(Number(rest & 0xffn));
      rest >>= 8n;
    } while (!((rest === 0n && (bytes.at(-1) ?? 0) < 0x80) || (rest === -1n && (bytes.at(-1) ?? 0) >= 0x80)));
    this.#push(op(0x8a, 1, bytes.length), Buffer.from(bytes));
  }

  #code(code: string): void {
    this.#push(Buffer.from(code, 'latin1'));
  }

  #push(...chunks: readonly Uint8Array[]): void {
    this.chunks.push(...chunks);
  }
}

/** Returns an opcode and its little-endian unsigned argument of 1, 2, 4 or 8 bytes. */
export function op(code: string | number, argumentBytes: 1 | 2 | 4 | 8, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(1 + argumentBytes);
  bytes[0] = typeof code === 'number' ? code : code.charCodeAt(0);
  let rest = BigInt(value);
  for (let at = 1; at <= argumentBytes; at++) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
