/**
 * Anything that a pickle can create here: Python's plain values, and objects of the classes below
 * or of those that `globals` construct.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleObject;

export abstract class PickleObject {
  /** What a message calls it: `a list`, `torch.FloatStorage`. */
  abstract readonly description: string;

  /** Takes the state that the opcode BUILD gives to it. Returns false when it cannot have one. */
  takeState(_state: PickleValue): boolean {
    return false;
  }
}

export class PickleTuple extends PickleObject {
  readonly description = 'a tuple';
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    super();
    this.items = items;
  }
}

export class PickleList extends PickleObject {
  readonly description = 'a list';
  readonly items: PickleValue[] = [];
}

const NO_ENTRIES: ReadonlyMap<PickleValue, PickleValue> = new Map();

/** A `dict` or `OrderedDict`. It is a Map, so no key has a meaning in JavaScript. */
export class PickleDict extends PickleObject {
  readonly description = 'a dictionary';
  #entries: Map<PickleValue, PickleValue> | undefined;

  /** The entries in the order in which they were set. */
  get entries(): ReadonlyMap<PickleValue, PickleValue> {
    return this.#entries ?? NO_ENTRIES;
  }

  set(key: PickleValue, value: PickleValue): void {
    // The Map is created on first use: it takes 200 bytes, and a hostile pickle may hold a million
    // empty dictionaries.
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  /** Attributes of a dictionary (`_metadata` of a state dict) are left out: nothing needs them. */
  override takeState(): boolean {
    return true;
  }
}

export class PickleBytes extends PickleObject {
  readonly description = 'bytes';
}

/**
 * A harmless value that nothing here needs, such as a path, a date or a numpy array. Its class was
 * recognised by name; no object of that class was made.
 */
export class PickleInert extends PickleObject {
  readonly description: string;
  /** Its attributes, which may contain a state dict. */
  state: PickleValue = null;

  constructor(description: string) {
    super();
    this.description = description;
  }

  override takeState(state: PickleValue): boolean {
    this.state = state;
    return true;
  }
}

/**
 * Stands for a name that is not on the list, and for everything that is made with it. What is given
 * to it is dropped.
 */
export class PickleUnknown extends PickleObject {
  readonly description: string;

  constructor(name: string) {
    super();
    this.description = name;
  }

  override takeState(): boolean {
    return true;
  }
}

/**
 * What a constructor may do to the pickle that is being read: report faults, and count its steps.
 */
export interface PickleContext {
  /** Adds `steps` to those that the pickle has taken; throws when it has taken too many. */
  spend(steps: number): void;
  damaged(fault: string): Error;
  unsafe(fault: string): Error;
}

/** A name that a pickle may refer to, and everything that calling it does. */
export class PickleGlobal extends PickleObject {
  readonly description: string;
  /** When it is absent, the name may be used but not called. */
  readonly call: ((args: readonly PickleValue[], context: PickleContext) => PickleValue) | undefined;

  constructor(description: string, call?: (args: readonly PickleValue[], context: PickleContext) => PickleValue) {
    super();
    this.description = description;
    this.call = call;
  }
}

/** Describes a value for a message, shortly and without control characters. */
export function describe(value: PickleValue | undefined): string {
  if (value instanceof PickleObject) return value.description;
  if (typeof value === 'string') return quote(value);
  return typeof value === 'bigint' ? 'a large integer' : String(value);
}

/** Quotes text from a file for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
