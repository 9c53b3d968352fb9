import type { Step } from '../records/memory-records.ts';

/** Something that runs beside others, one step at a time. */
export interface Actor {
  readonly name: string;
  /** Whether it may begin; asked again before every step of anyone. */
  ready(): boolean;
  run(step: Step): Promise<unknown>;
  /** May stop for good between any two steps, once in a run, and then begins again. */
  readonly mayCrash: boolean;
}

/** A fresh world, and those who act in it. */
export interface World {
  readonly actors: readonly Actor[];
  /** All that the actors can see and change, as text. */
  snapshot(): string;
}

export interface Limits {
  /**
   * How often in a run someone may be left at a step while others go on. Three and more who meet have too many interleavings
   * to follow all; few faults need many interruptions. Default: no limit.
   */
  readonly maxInterruptions?: number;
}

export interface Exploration {
  /** Different states that were reached. */
  readonly states: number;
  /** Ends that were reached and checked. */
  readonly ends: number;
}

/** Who goes next, by position in the list of actors; `crash`: goes no further. */
interface Choice {
  readonly actor: number;
  readonly crash: boolean;
}

/** A way that is still to be gone: the choices up to and with the first new one, and the histories just before that. */
interface Branch {
  readonly path: readonly Choice[];
  readonly histories: readonly number[];
}

interface Progress {
  /** Stands for all it has seen so far. */
  history: number;
  proceed: (() => void) | null;
  finished: boolean;
  started: boolean;
  fault: unknown;
}

/**
 * Runs every interleaving of the actors' steps, with a crash at every step of those that may, and calls `check` at each end.
 * A state is the world and what each actor has seen so far; one that was reached before is not followed again.
 */
export async function exploreInterleavings<Place extends World>(
  createWorld: () => Place,
  check: (world: Place, schedule: string) => void,
  { maxInterruptions = Number.POSITIVE_INFINITY }: Limits = {},
): Promise<Exploration> {
  const visited = new Set<string>();
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  const open: Branch[] = [{ path: [], histories: [] }];
  let ends = 0;
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const { path, histories } = branch;
    const world = createWorld();
    const run = new Run(world.actors, maxInterruptions, numberOf, path.length === 0);
    const schedule: Choice[] = [];
    for (;;) {
      await run.settle();
      const planned = path[schedule.length];
      if (schedule.length === path.length - 1) run.recallHistories(histories);
      if (planned === undefined) {
        const state = `${numberOf(world.snapshot())} ${run.snapshot()}`;
        if (visited.has(state)) break;
        visited.add(state);
      }
      const choices = planned === undefined ? run.choices() : [planned];
      const [choice, ...others] = choices;
      if (choice === undefined) {
        run.throwFaults(schedule);
        check(world, describe(schedule, world.actors));
        ends += 1;
        break;
      }
      for (const other of others) open.push({ path: [...schedule, other], histories: run.histories() });
      run.take(choice);
      schedule.push(choice);
    }
  }
  return { states: visited.size, ends };
}

class Run {
  readonly #actors: readonly Actor[];
  readonly #progress: Progress[];
  readonly #numberOf: (text: string) => number;
  /** On a way that was gone before, up to a point whose histories are known, none are kept. */
  #keepsHistories: boolean;
  #crashes = 0;
  #interruptionsLeft: number;
  #last: number | null = null;
  #arrived: (() => void) | null = null;

  constructor(
    actors: readonly Actor[],
    maxInterruptions: number,
    numberOf: (text: string) => number,
    keepsHistories: boolean,
  ) {
    this.#actors = actors;
    this.#keepsHistories = keepsHistories;
    this.#numberOf = numberOf;
    this.#interruptionsLeft = maxInterruptions;
    this.#progress = actors.map(() => newProgress());
  }

  /** Starts whoever may begin, and waits until everyone has arrived at a step or at the end. */
  async settle(): Promise<void> {
    while (this.#startReady() || this.#isUnderWay()) {
      if (!this.#isUnderWay()) continue;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  choices(): Choice[] {
    const bound = this.#interruptionsLeft === 0 && this.#isInterruptible();
    return this.#progress.flatMap(({ proceed }, actor) => {
      if (proceed === null || (bound && actor !== this.#last)) return [];
      const mayCrash = this.#crashes === 0 && this.#actors[actor]?.mayCrash === true;
      return [{ actor, crash: false }, ...(mayCrash ? [{ actor, crash: true }] : [])];
    });
  }

  take({ actor, crash }: Choice): void {
    const progress = this.#progress[actor];
    if (progress === undefined) throw new TypeError(`no actor ${actor}`);
    if (actor !== this.#last && this.#isInterruptible()) this.#interruptionsLeft -= 1;
    this.#last = actor;
    if (crash) {
      this.#crashes += 1;
      this.#last = null;
      this.#progress[actor] = newProgress();
      return;
    }
    const { proceed } = progress;
    progress.proceed = null;
    proceed?.();
  }

  histories(): number[] {
    return this.#progress.map(({ history }) => history);
  }

  /** Takes over the histories of this point, and keeps them from here on. */
  recallHistories(histories: readonly number[]): void {
    this.#keepsHistories = true;
    for (const [index, progress] of this.#progress.entries()) progress.history = histories[index] ?? -1;
  }

  snapshot(): string {
    const progress = this.#progress.map(({ started, finished, history }) => ({ started, finished, history }));
    const limited = Number.isFinite(this.#interruptionsLeft) ? [this.#interruptionsLeft, this.#last] : [];
    return JSON.stringify([this.#crashes, limited, progress]);
  }

  throwFaults(schedule: readonly Choice[]): void {
    for (const { fault } of this.#progress) {
      if (fault !== undefined) throw new Error(describe(schedule, this.#actors), { cause: fault });
    }
  }

  #note(progress: Progress, label: string, result: unknown): void {
    if (!this.#keepsHistories) return;
    progress.history = this.#numberOf(`${progress.history} ${label} ${JSON.stringify(result)}`);
  }

  /** @returns whether anyone began */
  #startReady(): boolean {
    const begun = this.#progress.map((progress, index) => {
      const actor = this.#actors[index];
      if (actor === undefined || progress.started || !actor.ready()) return false;
      this.#start(actor, progress);
      return true;
    });
    return begun.includes(true);
  }

  /** Whether the last to go could go on. */
  #isInterruptible(): boolean {
    return this.#last !== null && this.#progress[this.#last]?.proceed != null;
  }

  #isUnderWay(): boolean {
    return this.#progress.some(({ started, finished, proceed }) => started && !finished && proceed === null);
  }

  #start(actor: Actor, progress: Progress): void {
    progress.started = true;
    const step: Step = async (label, act) => {
      await new Promise<void>((proceed) => {
        progress.proceed = proceed;
        this.#arrived?.();
      });
      try {
        const result = act();
        this.#note(progress, label, result);
        return result;
      } catch (error) {
        this.#note(progress, label, String(error));
        throw error;
      }
    };
    actor
      .run(step)
      .catch((fault: unknown) => {
        progress.fault = fault;
      })
      .finally(() => {
        progress.finished = true;
        this.#arrived?.();
      });
  }
}

function newProgress(): Progress {
  return { history: -1, proceed: null, finished: false, started: false, fault: undefined };
}

function describe(schedule: readonly Choice[], actors: readonly Actor[]): string {
  return schedule.map(({ actor, crash }) => `${actors[actor]?.name}${crash ? '!' : ''}`).join(' ');
}
