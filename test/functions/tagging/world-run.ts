import type { Step } from '../records/memory-records.ts';
import { CallWatcher, type NumberOf } from './call-watcher.ts';

/**
 * Something that runs beside others, one call at a time or several. It waits for nothing but its
 * calls, and what it does depends on nothing but their results and what it is given. The order in
 * which results of calls made together arrive counts only where it makes the actor call
 * differently, as `Promise.race` would: where `Promise.all` waits for them, either order is the
 * same.
 */
export interface Actor {
  readonly name: string;
  /** Whether it may begin; asked again before every call of anyone. Once true, it stays true. */
  ready(): boolean;
  /** What it is given when it begins. Default: the same in every run. */
  given?(): unknown;
  run(step: Step): Promise<unknown>;
  /**
   * May stop for good before any call, once in a run, and then begins again. Its calls under way
   * never happen.
   */
  readonly mayCrash: boolean;
  /**
   * Actors of the same process crash together, and going from one of them to another is no
   * interruption. Default: a process of its own.
   */
  readonly process?: string;
}

/** The actors that crash when this one does, by position: those of its process. */
export function processOf(actors: readonly Actor[], actor: number): readonly number[] {
  const name = actors[actor]?.process;
  if (name === undefined) return [actor];
  return [...actors.keys()].filter((index) => actors[index]?.process === name);
}

/** A fresh world, and those who act in it. */
export interface World {
  readonly actors: readonly Actor[];
  /**
   * All that the actors and the check can see or change, and by which actors are ready, in a few
   * parts of plain data. Two worlds with the same parts are the same.
   */
  snapshot(): readonly unknown[];
  /**
   * Labels of calls whose effect no actor can see, not even the caller. It is the same when such a
   * call happens, so it happens first; a crash may still come before it. Default: none.
   */
  readonly unseen?: readonly string[];
}

/** How far an actor has come: what it has seen, and its calls under way. */
export interface Place {
  /** Two places of an actor have the same number if it goes on alike from both. */
  readonly number: number;
  readonly hasBegun: boolean;
  /** Empty before the actor has begun, and when it has come to its end. */
  readonly calls: readonly { readonly name: string; readonly label: string }[];
  readonly finished: boolean;
  readonly fault: unknown;
}

/** What happens next: one of an actor's calls, by its name, or the actor's crash. */
export interface Move {
  /** By position in the list of actors. */
  readonly actor: number;
  readonly call: string | 'crash';
}

interface Progress {
  readonly calls: CallWatcher;
  finished: boolean;
  fault: unknown;
}

const NOT_BEGUN: Place = { number: -1, hasBegun: false, calls: [], finished: false, fault: undefined };

/** One run of a world from its beginning, move by move. */
export class WorldRun<Ran extends World> {
  readonly world: Ran;
  readonly #numberOf: NumberOf;
  /** Undefined: that actor has not begun. */
  readonly #progress: (Progress | undefined)[];

  private constructor(world: Ran, numberOf: NumberOf) {
    this.world = world;
    this.#numberOf = numberOf;
    this.#progress = world.actors.map(() => undefined);
  }

  /** Makes a run in which each actor has started that is ready. */
  static async begin<Ran extends World>(world: Ran, numberOf: NumberOf): Promise<WorldRun<Ran>> {
    const run = new WorldRun(world, numberOf);
    await run.#settle();
    return run;
  }

  /** Takes a move, and waits until everyone waits for a call or has come to the end. */
  async take({ actor, call }: Move): Promise<void> {
    if (call === 'crash') {
      for (const index of processOf(this.world.actors, actor)) this.#progress[index] = undefined;
    } else this.#progress[actor]?.calls.proceed(call);
    await this.#settle();
  }

  /** A number for the world, the same for the same snapshot. */
  worldNumber(): number {
    // Most parts stay what they were, so their texts are kept once and not with every world.
    const parts = this.world.snapshot().map((part) => this.#numberOf(JSON.stringify(part)));
    return this.#numberOf(`world ${parts.join(' ')}`);
  }

  /** Returns where each actor stands, in their order. */
  places(): Place[] {
    return this.#progress.map((progress): Place => {
      if (progress === undefined) return NOT_BEGUN;
      const { finished, fault } = progress;
      const calls = progress.calls.underWay;
      // The calls under way count too: they may tell in which order results came together.
      const known = [finished, progress.calls.history(), calls.map(({ name }) => name)];
      return { number: this.#numberOf(JSON.stringify(known)), hasBegun: true, calls, finished, fault };
    });
  }

  async #settle(): Promise<void> {
    do await everythingElse();
    while (this.#startReady());
    for (const [index, progress] of this.#progress.entries()) {
      if (progress === undefined || progress.finished || progress.calls.isWaiting) continue;
      throw new Error(`actor ${this.world.actors[index]?.name} waits for something that is no call of its own`);
    }
  }

  /** @returns whether anyone began */
  #startReady(): boolean {
    let hasStarted = false;
    for (const [index, actor] of this.world.actors.entries()) {
      if (this.#progress[index] !== undefined || !actor.ready()) continue;
      this.#progress[index] = this.#start(actor);
      hasStarted = true;
    }
    return hasStarted;
  }

  #start(actor: Actor): Progress {
    const calls = new CallWatcher(this.#numberOf, JSON.stringify(actor.given?.() ?? null));
    const progress: Progress = { calls, finished: false, fault: undefined };
    actor
      .run(calls.step)
      .catch((fault: unknown) => {
        progress.fault = fault;
      })
      .finally(() => {
        progress.finished = true;
      });
    return progress;
  }
}

/** Resolves when all that goes on by promises alone has come to wait for something else. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
