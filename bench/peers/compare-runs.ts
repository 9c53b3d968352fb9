import type { Ratio } from './rounds.ts';

/** A change of a ratio that is larger than what the rounds of both runs scatter. */
export interface Change {
  readonly ratio: Ratio;
  readonly before: number;
  readonly now: number;
}

/** Even when all rounds agree, two runs may differ by this share. */
const LEAST_NOISE = 0.03;

/**
 * Compares the ratios of two runs.
 * @returns those that became worse for us, by more than half the distance of the quartiles of both
 *   runs together and more than 3%
 */
export function findSlower(before: readonly Ratio[], now: readonly Ratio[]): Change[] {
  const old = new Map(before.map((ratio) => [keyOf(ratio), ratio]));
  return now.flatMap((ratio) => {
    const then = old.get(keyOf(ratio));
    if (then === undefined) return [];
    const noise = Math.max((then.high - then.low + ratio.high - ratio.low) / 2, LEAST_NOISE * then.median);
    return then.median - ratio.median > noise ? [{ ratio, before: then.median, now: ratio.median }] : [];
  });
}

export function keyOf({ network, precision, peer, peerPrecision, measure, basis }: Ratio): string {
  return `${network} ${precision}, ${peer} ${peerPrecision}, ${measure} (${basis})`;
}
