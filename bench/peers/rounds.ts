import { median } from '../measure.ts';
import type { Precision, Side } from './side.ts';
import { OURS } from './sides.ts';

/** What is measured: time for a picture, time to the first answer, memory. Less is better. */
export const MEASURES = ['small pictures', 'photographs', 'start to first answer', 'memory'] as const;
export type Measure = (typeof MEASURES)[number];

/** Processor time and wall time in ms, or resident memory in MB. */
export type Basis = 'cpu' | 'wall' | 'peak';

/** A figure that was measured once in every round. The sides take turns within a round. */
export interface Series {
  readonly side: Side;
  readonly measure: Measure;
  readonly basis: Basis;
  readonly rounds: readonly number[];
}

/** A median, with the quartiles of the rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Figure extends Spread {
  readonly network: string;
  readonly side: string;
  readonly precision: Precision;
  readonly measure: Measure;
  readonly basis: Basis;
}

/** How many times a peer's figure is ours. Above 1, ours is better. */
export interface Ratio extends Spread {
  readonly network: string;
  /** Precision of ours. */
  readonly precision: Precision;
  readonly peer: string;
  readonly peerPrecision: Precision;
  readonly measure: Measure;
  readonly basis: Basis;
}

export function figuresOf(network: string, series: readonly Series[]): Figure[] {
  return series.map(({ side: { name, precision }, measure, basis, rounds }) => ({
    network,
    side: name,
    precision,
    measure,
    basis,
    ...spread(rounds),
  }));
}

/** Returns the ratio of every peer to each of our precisions, computed round by round. */
export function ratiosOf(network: string, series: readonly Series[]): Ratio[] {
  const ours = series.filter(({ side }) => side.name === OURS);
  return ours.flatMap((own) =>
    series
      .filter(({ side, measure, basis }) => side.name !== OURS && measure === own.measure && basis === own.basis)
      .map(({ side, measure, basis, rounds }) => ({
        network,
        precision: own.side.precision,
        peer: side.name,
        peerPrecision: side.precision,
        measure,
        basis,
        ...spread(rounds.map((value, round) => value / (own.rounds[round] ?? Number.NaN))),
      })),
  );
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  const round = (value: number) => Number(value.toPrecision(4));
  return { median: round(median(values)), low: round(quantile(0.25)), high: round(quantile(0.75)) };
}
