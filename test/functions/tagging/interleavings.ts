import type { Step } from '../records/memory-records.ts';
import { type CallMemory, CallWatcher, type Noting } from './call-watcher.ts';

/**
 * Something that runs beside others, one call at a time or several. It waits for nothing but its
 * calls, and what it does depends on nothing but their results. The order in which results of calls
 * made together arrive counts only where it makes the actor call differently, as `Promise.race`
 * would: where `Promise.all` waits for them, either order is the same.
 */
export interface Actor {
  readonly name: string;
  /** Whether it may begin; asked again before every call of anyone. */
  ready(): boolean;
  run(step: Step): Promise<unknown>;
  /**
   * May stop for good before any call, once in a run, and then begins again. Its calls under way
   * never happen.
   */
  readonly mayCrash: boolean;
}

/** A fresh world, and those who act in it. */
export interface World {
  readonly actors: readonly Actor[];
  /** All that the actors can see and change, as text. */
  snapshot(): string;
  /**
   * Labels of calls whose effect no actor can see, not even the caller. It is the same when such a
   * call happens, so it happens first; a crash may still come before it. Default: none.
   */
  readonly unseen?: readonly string[];
}

export interface Limits {
  /**
   * How often in a run someone may be left at a call while others go on. Three and more who meet
   * have too many interleavings to follow all; few faults need many interruptions. Default: no
   * limit.
   */
  readonly maxInterruptions?: number;
}

export interface Exploration {
  /** Different states that were reached. */
  readonly states: number;
  /** Ends that were reached and checked. */
  readonly ends: number;
}

/**
 * What happens next: a call, by positions in the list of actors and in that one's calls under way,
 * or an actor's crash.
 */
interface Choice {
  readonly actor: number;
  readonly call: number | 'crash';
  /** For the schedule that a failing check is told. */
  readonly label: string;
}

/**
 * A way that is still to be gone: the choices up to and with the first new one, and what was seen
 * just before that.
 */
interface Branch {
  readonly path: readonly Choice[];
  readonly memories: readonly CallMemory[];
}

interface Progress {
  readonly calls: CallWatcher;
  started: boolean;
  finished: boolean;
  fault: unknown;
}

/**
 * Runs every interleaving of the actors' calls, with a crash before every call of those that may,
 * and calls `check` at each end. A state is the world and what each actor has seen so far; one that
 * was reached before is not followed again.
 */
export async function exploreInterleavings<Place extends World>(
  createWorld: () => Place,
  check: (world: Place, schedule: string) => void,
  { maxInterruptions = Number.POSITIVE_INFINITY }: Limits = {},
): Promise<Exploration> {
  const visited = new Set<string>();
  const numberOf = createNumbering();
  const open: Branch[] = [{ path: [], memories: [] }];
  let ends = 0;
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const { path, memories } = branch;
    const world = createWorld();
    const run = new Run(world, maxInterruptions, numberOf);
    const schedule: Choice[] = [];
    for (;;) {
      await run.settle();
      const planned = path[schedule.length];
      if (schedule.length === Math.max(0, path.length - 1)) run.recall(memories);
      if (planned === undefined) {
        const state = `${numberOf(world.snapshot())} ${run.snapshot()}`;
        if (visited.has(state)) break;
        visited.add(state);
      }
      const [choice, ...others] = planned === undefined ? run.choices() : [planned];
      if (choice === undefined) {
        run.throwFaults(schedule);
        check(world, describe(schedule, world.actors));
        ends += 1;
        break;
      }
      for (const other of others) open.push({ path: [...schedule, other], memories: run.memories() });
      run.take(choice);
      schedule.push(choice);
    }
  }
  return { states: visited.size, ends };
}

/** One run of a world from its beginning, choice by choice. */
class Run {
  readonly #actors: readonly Actor[];
  readonly #unseen: readonly string[];
  readonly #noting: Noting;
  readonly #progress: Progress[];
  #crashes = 0;
  #interruptionsLeft: number;
  #last: number | null = null;

  constructor({ actors, unseen = [] }: World, maxInterruptions: number, numberOf: (text: string) => number) {
    this.#actors = actors;
    this.#unseen = unseen;
    this.#noting = { isOn: false, numberOf };
    this.#interruptionsLeft = maxInterruptions;
    this.#progress = actors.map(() => this.#newProgress());
  }

  /** Starts whoever may begin, and waits until everyone waits for a call or has come to the end. */
  async settle(): Promise<void> {
    do await everythingElse();
    while (this.#startReady());
    for (const [index, { started, finished, calls }] of this.#progress.entries()) {
      if (!started || finished || calls.isWaiting) continue;
      throw new Error(`actor ${this.#actors[index]?.name} waits for something that is no call of its own`);
    }
  }

  choices(): Choice[] {
    const bound = this.#interruptionsLeft === 0 && this.#isInterruptible();
    const unseen = this.#progress.findIndex(({ calls }) =>
      calls.underWay.some((label) => this.#unseen.includes(label)),
    );
    return this.#progress.flatMap(({ calls, finished }, actor): Choice[] => {
      if (!calls.isWaiting || (bound && actor !== this.#last) || (unseen >= 0 && actor !== unseen)) return [];
      const mayCrash = this.#crashes === 0 && !finished && this.#actors[actor]?.mayCrash === true;
      const crash: Choice = { actor, call: 'crash', label: '!' };
      return [
        ...calls.underWay
          .map((label, call) => ({ actor, call, name: label, label: calls.underWay.length > 1 ? `:${label}` : '' }))
          .filter(({ name }) => unseen < 0 || this.#unseen.includes(name)),
        ...(mayCrash ? [crash] : []),
      ];
    });
  }

  take({ actor, call }: Choice): void {
    const progress = this.#progress[actor];
    if (progress === undefined) throw new TypeError(`no actor ${actor}`);
    if (actor !== this.#last && this.#isInterruptible()) this.#interruptionsLeft -= 1;
    this.#last = actor;
    if (call === 'crash') {
      this.#crashes += 1;
      this.#last = null;
      this.#progress[actor] = this.#newProgress();
    } else progress.calls.proceed(call);
  }

  memories(): CallMemory[] {
    return this.#progress.map(({ calls }) => calls.memory());
  }

  /**
   * Takes over what was seen up to this point when it was reached for the first time, and notes
   * what is seen from here on.
   */
  recall(memories: readonly CallMemory[]): void {
    this.#noting.isOn = true;
    for (const [index, memory] of memories.entries()) this.#progress[index]?.calls.recall(memory);
  }

  snapshot(): string {
    // The calls under way count too: they may tell in which order results came together.
    const progress = this.#progress.map(({ started, finished, calls }) => [
      started,
      finished,
      calls.history(),
      calls.underWay.toSorted(),
    ]);
    const limited = Number.isFinite(this.#interruptionsLeft) ? [this.#interruptionsLeft, this.#last] : [];
    return JSON.stringify([this.#crashes, limited, progress]);
  }

  throwFaults(schedule: readonly Choice[]): void {
    for (const { fault } of this.#progress) {
      if (fault !== undefined) throw new Error(describe(schedule, this.#actors), { cause: fault });
    }
  }

  /** Whether the last to go could go on. */
  #isInterruptible(): boolean {
    return this.#last !== null && this.#progress[this.#last]?.calls.isWaiting === true;
  }

  #newProgress(): Progress {
    return { calls: new CallWatcher(this.#noting), started: false, finished: false, fault: undefined };
  }

  /** @returns whether anyone began */
  #startReady(): boolean {
    let hasStarted = false;
    for (const [index, actor] of this.#actors.entries()) {
      const progress = this.#progress[index];
      if (progress === undefined || progress.started || !actor.ready()) continue;
      this.#start(actor, progress);
      hasStarted = true;
    }
    return hasStarted;
  }

  #start(actor: Actor, progress: Progress): void {
    progress.started = true;
    actor
      .run(progress.calls.step)
      .catch((fault: unknown) => {
        progress.fault = fault;
      })
      .finally(() => {
        progress.finished = true;
      });
  }
}

/** Resolves when all that goes on by promises alone has come to wait for something else. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Small numbers in the place of long texts, the same one for the same text. */
function createNumbering(): (text: string) => number {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

function describe(schedule: readonly Choice[], actors: readonly Actor[]): string {
  return schedule.map(({ actor, label }) => `${actors[actor]?.name}${label}`).join(' ');
}
