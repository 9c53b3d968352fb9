import { seeded } from '../../models/sample/drawing/brush.ts';

/** The random choices behind one input. The same seed and index always make the same input. */
export interface Random {
  /** Returns a whole number from 0 to `below - 1`. */
  below(below: number): number;
  oneOf<T>(choices: readonly T[]): T;
  isChance(probability: number): boolean;
  bytes(length: number): Buffer;
}

/** A prime number, so that inputs of neighbouring indexes have nothing in common. */
const STRIDE = 1_000_003;

export function randomFor(seed: number, index: number): Random {
  const next = seeded(seed * STRIDE + index);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    oneOf<T>(choices: readonly T[]): T {
      if (choices.length === 0) throw new RangeError('there is nothing to choose from');
      return choices[below(choices.length)] as T;
    },
    isChance: (probability) => next() < probability,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
