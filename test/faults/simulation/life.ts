import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The life of one simulated process. What it began goes on outside after its end, and it hears of
 * nothing.
 */
export class Life {
  readonly name: string;
  /** Milliseconds by which its clock is ahead of everyone else's. */
  readonly skewMs: number;
  /** Rejects when it is killed. */
  readonly killed: Promise<never>;
  #isOver = false;
  #reject: (error: Error) => void = () => {};

  constructor(name: string, skewMs = 0) {
    this.name = name;
    this.skewMs = skewMs;
    this.killed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.killed.catch(() => {});
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends it at once: no call of it goes out any more, and no answer or timer reaches it. */
  kill(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reject(new ProcessEndedError(`${this.name}: ${why}`));
  }

  /** Runs code as this process. Its end ends the wait for the result. */
  run<Result>(code: () => Promise<Result>): Promise<Result> {
    return Promise.race([lives.run(this, code), this.killed]);
  }
}

/** The process was killed while it worked. */
export class ProcessEndedError extends Error {}

/** Whose code is running; undefined: that of the simulation itself. */
export const lives = new AsyncLocalStorage<Life | undefined>();

/** What a dead process waits for. */
export function forever(): Promise<never> {
  return new Promise<never>(() => {});
}
