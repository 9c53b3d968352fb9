import { PickleUnknown, quote } from './pickle-values.ts';

/** How many names a message lists. */
const LISTED_NAMES = 12;

/**
 * How many names are kept. A hostile pickle may have a hundred thousand, and one value stands for
 * all that are not kept.
 */
const KEPT_NAMES = 100;

/** The names in a pickle that are not on the list of allowed names. */
export class UnknownNames {
  readonly #values = new Map<string, PickleUnknown>();
  #rest: PickleUnknown | undefined;

  /** How many names are kept. */
  get size(): number {
    return this.#values.size;
  }

  /** Returns the value that stands for the name, such as `os.system`. */
  add(name: string): PickleUnknown {
    const shown = quote(name);
    const known = this.#values.get(shown);
    if (known !== undefined) return known;
    if (this.#values.size === KEPT_NAMES) {
      this.#rest ??= new PickleUnknown('one of many names that are not on the list');
      return this.#rest;
    }
    const value = new PickleUnknown(shown);
    this.#values.set(shown, value);
    return value;
  }

  /** Lists the names for a message, in quotes. */
  describe(): string {
    const names = [...this.#values.keys()];
    const shown = names.slice(0, LISTED_NAMES).join(', ');
    const rest = names.length - LISTED_NAMES;
    return rest > 0 ? `${shown} and ${this.#rest === undefined ? rest : 'many'} more` : shown;
  }
}
