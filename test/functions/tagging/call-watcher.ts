import type { Step } from '../records/memory-records.ts';

/** Small numbers in the place of long texts: the same text has the same number. */
export type NumberOf = (text: string) => number;

interface Call {
  readonly label: string;
  /** What led to the call, and the call itself. */
  readonly name: string;
  readonly proceed: () => void;
}

/**
 * Holds the calls of one actor until each is let go, and keeps what it has seen so far as a text:
 * two runs after which it goes on alike have the same one. Each call is named by the result that
 * made the actor call, and results count by these names, in whatever order they came. When all have
 * come the next calls are made because of all of them together.
 */
export class CallWatcher {
  readonly #numberOf: NumberOf;
  readonly #underWay: Call[] = [];
  /** Stands for all that was seen until last no call was under way. */
  #joined: number;
  /** Stand for the results since then. */
  #apart: readonly number[] = [];
  /** Stands for what the next calls are made because of. */
  #cause: number;
  #callsOfCause = 0;

  /** @param given what the actor knows when it begins */
  constructor(numberOf: NumberOf, given: string) {
    this.#numberOf = numberOf;
    this.#joined = numberOf(given);
    this.#cause = this.#joined;
  }

  /** The calls under way, in an order that depends on nothing but what was seen. */
  get underWay(): readonly { readonly name: string; readonly label: string }[] {
    return this.#underWay.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  get isWaiting(): boolean {
    return this.#underWay.length > 0;
  }

  readonly step: Step = async (label, act) => {
    const name = `${this.#cause}.${this.#callsOfCause} ${label}`;
    this.#callsOfCause += 1;
    await new Promise<void>((proceed) => {
      this.#underWay.push({ label, name, proceed });
    });
    try {
      const result = act();
      this.#note(`${name} ${this.#numberOf(JSON.stringify(result))}`);
      return result;
    } catch (error) {
      this.#note(`${name} ${String(error)}`);
      throw error;
    }
  };

  /** Lets one of the calls under way happen. */
  proceed(name: string): void {
    const index = this.#underWay.findIndex((call) => call.name === name);
    const [call] = index < 0 ? [] : this.#underWay.splice(index, 1);
    if (call === undefined) throw new TypeError(`no call ${name} under way`);
    call.proceed();
  }

  history(): string {
    return [this.#joined, ...this.#apart].join(' ');
  }

  #note(seen: string): void {
    this.#callsOfCause = 0;
    this.#cause = this.#numberOf(seen);
    this.#apart = [...this.#apart, this.#cause].sort((a, b) => a - b);
    if (this.isWaiting) return;
    if (this.#apart.length > 1) this.#cause = this.#numberOf(this.history());
    this.#joined = this.#cause;
    this.#apart = [];
  }
}
