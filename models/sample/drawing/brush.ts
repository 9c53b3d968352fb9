import { mulberry32 } from '../../../classifier/mulberry32.ts';

/**
 * The random choices of a drawing. Every call takes the next random number, so the order of the
 * calls is part of a picture.
 */
export interface Brush {
  /** Returns a uniform number in [low, high). */
  between(low: number, high: number): number;
  /** Returns a whole number from low to high, both included. */
  whole(low: number, high: number): number;
  oneOf<T>(choices: readonly [T, ...T[]]): T;
  isChance(probability: number): boolean;
  /**
   * Returns a CSS colour near the given one.
   * @param hue in degrees
   * @param saturation, lightness in percent
   * @param jitter how much each of them may differ, in its own unit
   */
  colour(hue: number, saturation: number, lightness: number, jitter?: number): string;
}

/** Uniform numbers in [0, 1). */
export type Random = () => number;

const UINT32_RANGE = 2 ** 32;

const DEFAULT_JITTER = 8;
/** Neither black nor white, so that an outline is visible on every colour. */
const [MIN_LIGHTNESS, MAX_LIGHTNESS] = [4, 97];

/** Returns random numbers that are the same for a seed on every machine. */
export function seeded(seed: number): Random {
  const next = mulberry32(seed);
  return () => next() / UINT32_RANGE;
}

export function createBrush(random: Random): Brush {
  const between = (low: number, high: number) => low + (high - low) * random();
  return {
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    oneOf: (choices) => choices[Math.floor(random() * choices.length)] ?? choices[0],
    isChance: (probability) => random() < probability,
    colour(hue, saturation, lightness, jitter = DEFAULT_JITTER) {
      const h = (hue + between(-jitter, jitter) + 360) % 360;
      const s = clamp(saturation + between(-jitter, jitter), 0, 100);
      const l = clamp(lightness + between(-jitter, jitter), MIN_LIGHTNESS, MAX_LIGHTNESS);
      return `hsl(${h},${s}%,${l}%)`;
    },
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
