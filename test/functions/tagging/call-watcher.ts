import type { Step } from '../records/memory-records.ts';

/** What an actor has seen, and the names of its calls under way. */
export interface CallMemory {
  readonly joined: number;
  readonly apart: readonly number[];
  readonly names: readonly string[];
}

/**
 * Whether what actors see is noted, which takes most of the time, and the numbers that stand for
 * it.
 */
export interface Noting {
  isOn: boolean;
  /** The same text has the same number. */
  readonly numberOf: (text: string) => number;
}

interface Call {
  readonly label: string;
  /** What led to the call, and the call itself. */
  name: string;
  readonly proceed: () => void;
}

/**
 * Holds the calls of one actor until each is let go, and keeps what it has seen so far as a text:
 * two runs after which it goes on alike have the same one. Each call is named by the result that
 * made the actor call, and results count by these names, in whatever order they came. When all have
 * come the next calls are made because of all of them together.
 */
export class CallWatcher {
  readonly #noting: Noting;
  readonly #underWay: Call[] = [];
  /** Stands for all that was seen until last no call was under way. */
  #joined = -1;
  /** Stand for the results since then. */
  #apart: readonly number[] = [];
  /** Stands for what the next calls are made because of. */
  #cause = -1;
  #callsOfCause = 0;

  constructor(noting: Noting) {
    this.#noting = noting;
  }

  /** Labels of the calls under way, in the order in which they were made. */
  get underWay(): readonly string[] {
    return this.#underWay.map(({ label }) => label);
  }

  get isWaiting(): boolean {
    return this.#underWay.length > 0;
  }

  readonly step: Step = async (label, act) => {
    const name = `${this.#cause}.${this.#callsOfCause} ${label}`;
    this.#callsOfCause += 1;
    const call = await new Promise<Call>((resolve) => {
      const waiting: Call = { label, name, proceed: () => resolve(waiting) };
      this.#underWay.push(waiting);
    });
    try {
      const result = act();
      if (this.#noting.isOn) this.#note(`${call.name} ${JSON.stringify(result)}`);
      return result;
    } catch (error) {
      if (this.#noting.isOn) this.#note(`${call.name} ${String(error)}`);
      throw error;
    }
  };

  /** Lets one of the calls under way happen, by its place among them. */
  proceed(index: number): void {
    const [call] = this.#underWay.splice(index, 1);
    if (call === undefined) throw new TypeError(`no call ${index} under way`);
    call.proceed();
  }

  history(): string {
    return [this.#joined, ...this.#apart].join(' ');
  }

  memory(): CallMemory {
    return { joined: this.#joined, apart: this.#apart, names: this.#underWay.map(({ name }) => name) };
  }

  /** Takes over what was seen up to this point when it was reached for the first time. */
  recall({ joined, apart, names }: CallMemory): void {
    this.#joined = joined;
    this.#apart = apart;
    for (const [index, call] of this.#underWay.entries()) call.name = names[index] ?? call.name;
  }

  #note(seen: string): void {
    this.#callsOfCause = 0;
    this.#cause = this.#noting.numberOf(seen);
    this.#apart = [...this.#apart, this.#cause].sort((a, b) => a - b);
    if (this.isWaiting) return;
    if (this.#apart.length > 1) this.#cause = this.#noting.numberOf(this.history());
    this.#joined = this.#cause;
    this.#apart = [];
  }
}
