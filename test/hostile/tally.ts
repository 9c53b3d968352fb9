import * as z from 'zod';

/** What came of one input. */
export interface Result {
  readonly index: number;
  readonly mutation: string;
  /** `valid`, the code of a refusal, or a fault. */
  readonly outcome: string;
  /** What is wrong; absent where nothing is. */
  readonly fault?: string;
  /** Processor time of making and trying it, in milliseconds. */
  readonly cpuMs: number;
  /** The most memory that the process held meanwhile, in megabytes. */
  readonly peakMb: number;
}

const counts = z.record(z.string(), z.number());
const extreme = z.object({ value: z.number(), index: z.number(), mutation: z.string() });

export const tallySchema = z.object({
  inputs: z.number(),
  /** How many inputs came to what. */
  outcomes: counts,
  /** The same for each mutation. */
  mutations: z.record(z.string(), counts),
  slowestMs: extreme,
  greatestMb: extreme,
  faults: z.array(z.object({ index: z.number(), mutation: z.string(), fault: z.string() })),
});

/** What came of all inputs so far. */
export type Tally = z.output<typeof tallySchema>;

const NOTHING = { value: 0, index: 0, mutation: '' };

export function emptyTally(): Tally {
  return { inputs: 0, outcomes: {}, mutations: {}, slowestMs: NOTHING, greatestMb: NOTHING, faults: [] };
}

/** Adds a result to a tally. */
export function addResult(tally: Tally, { index, mutation, outcome, fault, cpuMs, peakMb }: Result): void {
  tally.inputs += 1;
  tally.mutations[mutation] ??= {};
  for (const counted of [tally.outcomes, tally.mutations[mutation]]) counted[outcome] = (counted[outcome] ?? 0) + 1;
  if (cpuMs > tally.slowestMs.value) tally.slowestMs = { value: Math.round(cpuMs), index, mutation };
  if (peakMb > tally.greatestMb.value) tally.greatestMb = { value: Math.round(peakMb), index, mutation };
  if (fault !== undefined) tally.faults.push({ index, mutation, fault });
}
