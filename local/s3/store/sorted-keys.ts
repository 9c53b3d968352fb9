/** Keys in S3's order, which is the order of their UTF-8 bytes. */
export class SortedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort(compareKeys);
  }

  get length(): number {
    return this.#keys.length;
  }

  at(index: number): string | undefined {
    return this.#keys[index];
  }

  has(key: string): boolean {
    return this.#keys[this.indexFrom(key)] === key;
  }

  add(key: string): void {
    const index = this.indexFrom(key);
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
  }

  delete(key: string): void {
    const index = this.indexFrom(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }

  /** Returns the index of the first key that is equal to or after this one. */
  indexFrom(key: string): number {
    return this.#firstWhere((other) => compareKeys(other, key) >= 0);
  }

  /** Returns the index of the first key after all keys that start with the prefix. */
  indexAfterPrefix(prefix: string): number {
    return this.#firstWhere((other) => compareKeys(other, prefix) > 0 && !other.startsWith(prefix));
  }

  /** Returns the keys as they are now. Later changes do not show. */
  snapshot(): readonly string[] {
    return [...this.#keys];
  }

  #firstWhere(isPast: (key: string) => boolean): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isPast(this.#keys[middle] ?? '')) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/**
 * Compares well-formed texts by their UTF-8 bytes. JavaScript's own order differs beyond U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters beyond U+FFFF, so they come after the units from U+E000 on. */
function utf8Rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
