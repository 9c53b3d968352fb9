import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { type Life, lives } from './life.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly life: Life | undefined;
  readonly fire: () => void;
  isCancelled: boolean;
}

/** What `setTimeout` returns here. */
class Handle {
  timer: Timer;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  ref = () => this;
  unref = () => this;
  hasRef = () => true;

  [Symbol.toPrimitive](): number {
    return this.timer.order;
  }
}

const real = {
  Date,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  delay: timersPromises.setTimeout,
};

/**
 * A clock that stands still while anything can go on, and then jumps to the next timer. Everything
 * in this process uses it from `install` until `restore`. Two runs with the same timers are the
 * same.
 */
export class VirtualTime {
  /** Milliseconds since 1970. */
  now = real.Date.UTC(2026, 10, 27);
  /** How many timers have fired. */
  fired = 0;
  readonly #start = this.now;
  readonly #timers = new Heap();
  #order = 0;

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.now - this.#start;
  }

  /** Calls `fire` after so many milliseconds, in the present process. */
  after(milliseconds: number, fire: () => void): Timer {
    this.#order += 1;
    const at = this.now + Math.max(0, milliseconds || 0);
    const timer = { at, order: this.#order, life: lives.getStore(), fire, isCancelled: false };
    this.#timers.push(timer);
    return timer;
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /**
   * Lets time go on until the condition is met.
   * @throws {Error} if nothing is left that could meet it, or it is not met within `withinMs`
   */
  async runUntil(isMet: () => boolean, withinMs: number): Promise<void> {
    const end = this.now + withinMs;
    for (;;) {
      await settled();
      if (isMet()) return;
      const next = this.#timers.pop();
      if (next === undefined) throw new Error('nothing can happen any more, and the simulation is not over');
      if (next.isCancelled || next.life?.isOver) continue;
      if (next.at > end) throw new Error(`the simulation is not over after ${withinMs / 1000} simulated seconds`);
      this.now = Math.max(this.now, next.at);
      this.fired += 1;
      lives.run(next.life, next.fire);
    }
  }

  install(): void {
    const time = this;
    class SimulatedDate extends real.Date {
      static override now = () => time.now + (lives.getStore()?.skewMs ?? 0);
      static override [Symbol.hasInstance] = (value: unknown) =>
        Object.prototype.toString.call(value) === '[object Date]';

      constructor(...given: [] | [number | string]) {
        super(...((given.length === 0 ? [SimulatedDate.now()] : given) as [number]));
      }
    }
    const cancel = (handle: unknown) => {
      if (handle instanceof Handle) handle.timer.isCancelled = true;
    };
    const every = (callback: (...values: unknown[]) => void, milliseconds = 1, ...values: unknown[]) => {
      const handle = new Handle(time.after(milliseconds, fire));
      function fire() {
        handle.timer = time.after(milliseconds, fire);
        callback(...values);
      }
      return handle;
    };
    Object.assign(globalThis, {
      Date: SimulatedDate,
      setTimeout: (callback: (...values: unknown[]) => void, milliseconds = 0, ...values: unknown[]) =>
        new Handle(time.after(milliseconds, () => callback(...values))),
      clearTimeout: cancel,
      setInterval: every,
      clearInterval: cancel,
    });
    timersPromises.setTimeout = ((
      milliseconds = 0,
      value: unknown = undefined,
      { signal }: { signal?: AbortSignal } = {},
    ) =>
      new Promise<unknown>((resolve, reject) => {
        const timer = time.after(milliseconds, () => resolve(value));
        signal?.addEventListener('abort', () => {
          timer.isCancelled = true;
          reject(signal.reason);
        });
      })) as typeof timersPromises.setTimeout;
    syncBuiltinESMExports();
  }

  restore(): void {
    const { delay, setImmediate: _, ...globals } = real;
    Object.assign(globalThis, globals);
    timersPromises.setTimeout = delay;
    syncBuiltinESMExports();
  }
}

/**
 * Resolves when all that goes on by promises and streams alone has come to wait for something else.
 */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => real.setImmediate(resolve));
}

/** Timers, the next one first; those of the same moment in the order in which they were set. */
class Heap {
  readonly #items: Timer[] = [];

  push(timer: Timer): void {
    const items = this.#items;
    let index = items.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, items[parent])) break;
      items[index] = items[parent] as Timer;
      index = parent;
    }
    items[index] = timer;
  }

  pop(): Timer | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (isBefore(items[child + 1], items[child])) child += 1;
      if (!isBefore(items[child], last)) break;
      items[index] = items[child] as Timer;
      index = child;
    }
    items[index] = last;
    return first;
  }
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
