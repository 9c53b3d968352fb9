/**
 * Anything a pickle can make here: Python's plain values, and objects of the classes below or of
 * the closed set that `globals` construct.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleObject;

export abstract class PickleObject {
  /** For messages: `a list`, `torch.FloatStorage`. */
  abstract readonly description: string;
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

/** `dict` and `OrderedDict`: a Map, so that no key means anything to JavaScript. */
export class PickleDict extends PickleObject {
  readonly description = 'a dictionary';
  #entries: Map<PickleValue, PickleValue> | undefined;

  /** In the order they were set. */
  get entries(): ReadonlyMap<PickleValue, PickleValue> {
    return this.#entries ?? NO_ENTRIES;
  }

  set(key: PickleValue, value: PickleValue): void {
    // Made on first use: a hostile pickle holds a million empty dictionaries, and a Map is 200
    // bytes.
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }
}

export class PickleBytes extends PickleObject {
  readonly description = 'bytes';
}

/**
 * What a global's constructor may do to the pickle being read: report faults, and pay for its work.
 */
export interface PickleContext {
  /** Counts `steps` against the pickle's bound; throws when it is used up. */
  spend(steps: number): void;
  damaged(fault: string): Error;
  unsafe(fault: string): Error;
}

/** A name that a pickle may refer to, and all that calling it does. */
export class PickleGlobal extends PickleObject {
  readonly description: string;
  /** Absent: it may be named, not called. */
  readonly call: ((args: readonly PickleValue[], context: PickleContext) => PickleValue) | undefined;

  constructor(description: string, call?: (args: readonly PickleValue[], context: PickleContext) => PickleValue) {
    super();
    this.description = description;
    this.call = call;
  }
}

/** For messages: never long, never with control characters. */
export function describe(value: PickleValue | undefined): string {
  if (value instanceof PickleObject) return value.description;
  if (typeof value === 'string') return quote(value);
  return typeof value === 'bigint' ? 'a large integer' : String(value);
}

/** Text from a file, fit for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
