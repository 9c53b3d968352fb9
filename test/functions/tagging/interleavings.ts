import type { NumberOf } from './call-watcher.ts';
import { type Actor, type Move, type Place, processOf, type World, WorldRun } from './world-run.ts';

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
  /** Different worlds that some interleaving ended with. Each was checked. */
  readonly ends: number;
}

/** What can happen next, and its name for the schedule that a failing check is told. */
type Choice = Move & { readonly label: string };

/** The world, and how far each actor has come. */
interface Scene {
  readonly world: number;
  readonly places: readonly Place[];
}

/** What a call changed: the world, and the places of its actor and of those who could begin. */
interface Effect {
  readonly world: number;
  readonly places: readonly (readonly [actor: number, place: Place])[];
}

interface State extends Scene {
  readonly hasCrashed: boolean;
  readonly interruptionsLeft: number;
  /** The process that went last and could go on, by the first of its actors. */
  readonly last: number | null;
  /** How it was reached first. Null: it is the beginning. */
  readonly from: { readonly state: State; readonly choice: Choice } | null;
}

/**
 * Follows every interleaving of the actors' calls, with a crash before every call of those that
 * may, and calls `check` with each different world at an end. A state is the world and what each
 * actor has seen so far; one that was reached before is not followed again.
 */
export async function exploreInterleavings<Explored extends World>(
  createWorld: () => Explored,
  check: (world: Explored, schedule: string) => void,
  { maxInterruptions = Number.POSITIVE_INFINITY }: Limits = {},
): Promise<Exploration> {
  const { actors, unseen = [] } = createWorld();
  const runs = new Runs(createWorld);
  const visited = new Map<string, number>();
  const checked = new Set<number>();
  const open: { readonly state: State; readonly choices: Choice[] }[] = [];

  const visit = async (state: State): Promise<void> => {
    // Who went last counts only where interruptions do.
    const last = Number.isFinite(maxInterruptions) ? state.last : null;
    const key = `${state.world} ${state.hasCrashed} ${last} ${numbersOf(state.places)}`;
    // Whatever follows with fewer interruptions left follows with more.
    if ((visited.get(key) ?? -1) >= state.interruptionsLeft) return;
    visited.set(key, state.interruptionsLeft);
    const choices = choicesOf(state, actors, unseen);
    if (choices.length > 0) {
      open.push({ state, choices });
      return;
    }
    throwFaults(state, actors);
    if (checked.has(state.world)) return;
    checked.add(state.world);
    check(await runs.worldOf(state), describe(state, actors));
  };

  await visit({
    ...(await runs.begin()),
    hasCrashed: false,
    interruptionsLeft: maxInterruptions,
    last: null,
    from: null,
  });
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const choice = next.choices.pop();
    if (choice === undefined) open.pop();
    else await visit(follow(next.state, actors, choice, await runs.take(next.state, choice)));
  }
  return { states: visited.size, ends: checked.size };
}

/**
 * What a call does depends on the world and on its actor's place, wherever the other actors are. So
 * it runs once for all states that agree in those two, and what it led to is known from then on.
 * Before a call runs, the run that leads there is compared with what was known.
 */
class Runs<Explored extends World> {
  readonly #createWorld: () => Explored;
  readonly #numberOf: NumberOf = createNumbering();
  readonly #effects = new Map<string, Effect>();
  readonly #places = new Map<number, Place>();
  /** The last run, and the choices that it took. */
  #last: { readonly run: WorldRun<Explored>; readonly path: readonly Choice[] } | null = null;

  constructor(createWorld: () => Explored) {
    this.#createWorld = createWorld;
  }

  async begin(): Promise<Scene> {
    return this.#sceneOf(await WorldRun.begin(this.#createWorld(), this.#numberOf));
  }

  /** What a choice leads to. */
  async take(state: State, choice: Choice): Promise<Scene> {
    const begun = state.places.map(({ hasBegun }) => (hasBegun ? '+' : '-')).join('');
    const key = `${state.world} ${begun} ${choice.actor} ${state.places[choice.actor]?.number} ${choice.call}`;
    const effect = this.#effects.get(key) ?? (await this.#findEffect(state, choice));
    this.#effects.set(key, effect);
    const places = [...state.places];
    for (const [index, place] of effect.places) places[index] = place;
    return { world: effect.world, places };
  }

  /** The world that a state stands for. */
  async worldOf(state: State): Promise<Explored> {
    return (await this.#runTo(state)).run.world;
  }

  async #findEffect(state: State, choice: Choice): Promise<Effect> {
    const { run, path } = await this.#runTo(state);
    await run.take(choice);
    this.#last = { run, path: [...path, choice] };
    const { world, places } = this.#sceneOf(run);
    const own = choice.call === 'crash' ? processOf(run.world.actors, choice.actor) : [choice.actor];
    const changed = [...places.entries()].filter(
      ([index, { number }]) => own.includes(index) || number !== state.places[index]?.number,
    );
    for (const [index] of changed) {
      if (own.includes(index) || state.places[index]?.hasBegun === false) continue;
      throw new Error(`actor ${run.world.actors[index]?.name} went on at a call that is not its own`);
    }
    return { world, places: changed };
  }

  /** A run that has come to a state: the last one, if that is on the way there, or a new one. */
  async #runTo(state: State) {
    const path = pathTo(state);
    const isOnWay = this.#last?.path.every((choice, index) => choice === path[index]) === true;
    const start = isOnWay ? this.#last : null;
    const run = start?.run ?? (await WorldRun.begin(this.#createWorld(), this.#numberOf));
    for (const choice of path.slice(start?.path.length ?? 0)) await run.take(choice);
    const { world, places } = this.#sceneOf(run);
    if (world !== state.world || numbersOf(places) !== numbersOf(state.places)) {
      throw new Error(`the same calls led elsewhere: ${describe(state, run.world.actors)}`);
    }
    this.#last = { run, path };
    return this.#last;
  }

  #sceneOf(run: WorldRun<Explored>): Scene {
    return { world: run.worldNumber(), places: run.places().map((place) => this.#kept(place)) };
  }

  /** One object for equal places, because many states have them. */
  #kept(place: Place): Place {
    const kept = this.#places.get(place.number) ?? place;
    this.#places.set(place.number, kept);
    return kept;
  }
}

/** All that can happen next. */
function choicesOf(state: State, actors: readonly Actor[], unseen: readonly string[]): Choice[] {
  const { places, last, interruptionsLeft, hasCrashed } = state;
  const isQuiet = ({ label }: { readonly label: string }) => unseen.includes(label);
  const quiet = places.findIndex(({ calls }) => calls.some(isQuiet));
  const crashing = new Set<number>();
  return places.flatMap(({ calls }, actor): Choice[] => {
    const process = processOf(actors, actor);
    const [first = actor] = process;
    const mustWait = interruptionsLeft === 0 && last !== null && first !== last;
    if (calls.length === 0 || mustWait || (quiet >= 0 && actor !== quiet)) return [];
    const isOver = process.every((index) => places[index]?.finished);
    const mayCrash = !hasCrashed && !isOver && actors[actor]?.mayCrash === true && !crashing.has(first);
    if (mayCrash) crashing.add(first);
    return [
      ...calls
        .filter((call) => quiet < 0 || isQuiet(call))
        .map(({ name, label }) => ({ actor, call: name, label: calls.length > 1 ? `:${label}` : '' })),
      ...(mayCrash ? [{ actor, call: 'crash', label: '!' } as const] : []),
    ];
  });
}

function follow(state: State, actors: readonly Actor[], choice: Choice, { world, places }: Scene): State {
  const process = processOf(actors, choice.actor);
  const [first = choice.actor] = process;
  const isInterruption = state.last !== null && first !== state.last;
  const isCrash = choice.call === 'crash';
  const canGoOn = !isCrash && process.some((index) => places[index]?.calls.length !== 0);
  return {
    world,
    places,
    hasCrashed: state.hasCrashed || isCrash,
    interruptionsLeft: state.interruptionsLeft - (isInterruption ? 1 : 0),
    last: canGoOn ? first : null,
    from: { state, choice },
  };
}

function throwFaults(state: State, actors: readonly Actor[]): void {
  for (const { fault } of state.places) {
    if (fault !== undefined) throw new Error(describe(state, actors), { cause: fault });
  }
}

function describe(state: State, actors: readonly Actor[]): string {
  return pathTo(state)
    .map(({ actor, label }) => `${actors[actor]?.name}${label}`)
    .join(' ');
}

function pathTo(state: State): Choice[] {
  const path: Choice[] = [];
  for (let { from } = state; from !== null; { from } = from.state) path.push(from.choice);
  return path.reverse();
}

function numbersOf(places: readonly Place[]): string {
  return places.map(({ number }) => number).join(' ');
}

/** The same number for the same text. */
function createNumbering(): NumberOf {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}
