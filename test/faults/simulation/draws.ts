import { createHash } from 'node:crypto';

/**
 * Numbers drawn by a seed and a name. The same name always draws the same, whatever else is drawn.
 */
export class Draws {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number from 0 to 1, without 1. */
  share(...name: readonly (string | number)[]): number {
    return (
      createHash('sha1')
        .update(`${this.#seed} ${name.join(' ')}`)
        .digest()
        .readUInt32BE(0) /
      2 ** 32
    );
  }

  between(least: number, most: number, ...name: readonly (string | number)[]): number {
    return least + (most - least) * this.share(...name);
  }

  whole(count: number, ...name: readonly (string | number)[]): number {
    return Math.floor(this.share(...name) * count);
  }

  /** Chooses by weights. */
  pick<Choice extends string>(
    weights: Readonly<Record<Choice, number>>,
    ...name: readonly (string | number)[]
  ): Choice {
    const entries = Object.entries(weights) as [Choice, number][];
    let rest = this.share(...name) * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of entries) {
      if (rest < weight) return choice;
      rest -= weight;
    }
    throw new TypeError('nothing to choose from');
  }
}
