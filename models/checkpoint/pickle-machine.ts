import type { ByteWindow } from './byte-window.ts';
import { DamagedCheckpointError, UnsafeCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import {
  describe,
  PickleBytes,
  type PickleContext,
  PickleGlobal,
  PickleUnknown,
  type PickleValue,
} from './pickle-values.ts';
import { UnknownNames } from './unknown-names.ts';

/** What a pickle may refer to outside itself. */
export interface PickleEnvironment {
  /** The allowed names, by module and name with a space in between: `collections OrderedDict`. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** Resolves a persistent id. When it is absent, ids are refused. */
  readonly persistent?: (id: PickleValue, context: PickleContext) => PickleValue;
  /** Largest number of steps that the pickle may take. Default 400,000. */
  readonly maxSteps?: number;
  /**
   * Receives the names that are not in `globals`; what is made with them is left out. Default: they
   * are refused, all in one UnsafeCheckpointError.
   */
  readonly leftOut?: UnknownNames | undefined;
  /**
   * Whether Python 2's strings that are not UTF-8 become bytes, as the data of numpy arrays is. By
   * default they are refused.
   */
  readonly allowsByteStrings?: boolean;
}

/**
 * Largest number of steps of one pickle. Each opcode and each copied item is a step, and so are 16
 * bytes of text. The largest state dict here, of a ResNeXt-101, takes 20,000 steps, and with the
 * optimizer's state five times as many. A hostile file that uses all steps costs 0.8 s and 135 MB,
 * the search for state dicts included.
 */
const MAX_STEPS = 400_000;
const TEXT_BYTES_PER_STEP = 16;

/**
 * Text of this length or more is no name. It is skipped unread, as bytes are: protocol 2 writes the
 * data of a large numpy array as one text.
 */
const SKIPPED_TEXT_BYTES = 2 ** 20;

const PROTO = 0x80;

/** The machine that opcodes work on: its stack, marks and memo. */
export class PickleMachine implements PickleContext {
  readonly source: ByteWindow;
  readonly #environment: PickleEnvironment;
  readonly #stack: PickleValue[] = [];
  /** The height of the stack at each open mark. */
  readonly #marks: number[] = [];
  /** A Map, because its size is the number of writes, whatever index a pickle uses. */
  readonly #memo = new Map<number, PickleValue>();
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #unknown: UnknownNames;
  #steps = 0;

  constructor(source: ByteWindow, environment: PickleEnvironment) {
    this.source = source;
    this.#environment = environment;
    this.#unknown = environment.leftOut ?? new UnknownNames();
  }

  readProtocol(): void {
    const code = this.source.byte();
    if (code !== PROTO) throw this.damaged(`starts with byte 0x${code.toString(16)} instead of 0x80`);
    const protocol = this.source.byte();
    if (protocol < 2 || protocol > 5) {
      throw new UnsupportedCheckpointError(
        `${this.source.name} uses pickle protocol ${protocol}; only 2 to 5 are supported. Save it again with torch.save(model.state_dict(), path).`,
      );
    }
  }

  result(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw this.damaged('ends with values that nothing uses');
    return value;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.#stack.length -= 1;
    return value;
  }

  /** Returns the top value above the last mark. */
  top(): PickleValue {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.at(-1) : undefined;
    if (value === undefined) throw this.damaged('takes a value from an empty stack');
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Removes the last mark and returns everything above it. */
  popToMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.damaged('uses a mark that was never set');
    return this.#stack.splice(height);
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
  }

  /** Stores the top value under the next free index (opcode MEMOIZE). */
  rememberNext(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.damaged(`recalls value ${index}, which was never stored`);
    this.push(value);
  }

  /** Decodes the next `length` bytes as UTF-8. */
  text(length: number): PickleValue {
    if (length >= SKIPPED_TEXT_BYTES) return this.bytes(length);
    const bytes = this.#counted(length);
    try {
      return this.#utf8.decode(bytes);
    } catch (error) {
      throw this.damaged('contains text that is not UTF-8', error);
    }
  }

  /** Decodes a string of Python 2: names are ASCII, and PyTorch reads them as UTF-8, too. */
  byteString(length: number): PickleValue {
    const bytes = this.#counted(length);
    try {
      return this.#utf8.decode(bytes);
    } catch (error) {
      if (this.#environment.allowsByteStrings) return new PickleBytes();
      throw this.damaged('contains text that is not UTF-8', error);
    }
  }

  /** Skips the next `length` bytes unread, because nothing here needs them. */
  bytes(length: number): PickleBytes {
    this.#requireRemaining(length);
    this.source.skip(length);
    return new PickleBytes();
  }

  findGlobal(module: PickleValue, name: PickleValue): PickleGlobal | PickleUnknown {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.unsafe('refers to a class or function without a name, which is not on the list of allowed names');
    }
    const found = this.#environment.globals.get(`${module} ${name}`);
    if (found !== undefined) return found;
    this.spend(Math.floor((module.length + name.length) / TEXT_BYTES_PER_STEP));
    return this.#unknown.add(`${module}.${name}`);
  }

  /** Returns the error for the names that are not on the list, unless they are to be left out. */
  refusal(): UnsafeCheckpointError | undefined {
    if (this.#environment.leftOut !== undefined || this.#unknown.size === 0) return undefined;
    return new UnsafeCheckpointError(
      `${this.source.name} is refused for safety: its pickle refers to ${this.#unknown.describe()}, which ${this.#unknown.size === 1 ? 'is' : 'are'} not on the list of allowed names. Nothing was executed. With --skip-objects, what needs these names is left out. Or, if you trust the file, load it in PyTorch and save it again with torch.save(model.state_dict(), path).`,
    );
  }

  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue {
    if (callee instanceof PickleUnknown) return callee;
    const construct = callee instanceof PickleGlobal ? callee.call : undefined;
    if (construct === undefined) throw this.unsafe(`calls ${describe(callee)}, which cannot be called`);
    return construct(args, this);
  }

  persistent(id: PickleValue): PickleValue {
    if (this.#environment.persistent === undefined)
      throw this.unsafe('refers to data outside itself where that is not allowed');
    return this.#environment.persistent(id, this);
  }

  spend(steps: number): void {
    this.#steps += steps;
    const bound = this.#environment.maxSteps ?? MAX_STEPS;
    if (this.#steps > bound) throw this.unsafe(`takes more than ${bound} steps, far more than a model needs`);
  }

  /** Returns the next `length` bytes, where the length comes from the file. */
  #counted(length: number): Buffer {
    this.#requireRemaining(length);
    this.spend(Math.floor(length / TEXT_BYTES_PER_STEP));
    return this.source.take(length);
  }

  #requireRemaining(length: number): void {
    if (length > this.source.remaining)
      throw this.damaged(`needs ${length} more bytes, but only ${this.source.remaining} are left`);
  }

  damaged(fault: string, cause?: unknown): DamagedCheckpointError {
    return new DamagedCheckpointError(
      `${this.source.name} is damaged: its pickle ${fault} (before byte ${this.source.position}). Download or save it again.`,
      cause,
    );
  }

  unsafe(fault: string): UnsafeCheckpointError {
    return new UnsafeCheckpointError(
      `${this.source.name} is refused for safety: its pickle ${fault}. Nothing was executed. If you trust the file, load it in PyTorch and save it again with torch.save(model.state_dict(), path).`,
    );
  }
}
