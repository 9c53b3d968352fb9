import { messageOf } from '../../classifier/message-of.ts';
import { startProcessorClock } from '../processor-time.ts';
import type { Trial } from './kind.ts';
import { startPeakMemory } from './peak-memory.ts';
import { randomFor } from './random.ts';
import type { Result } from './tally.ts';

/** The outcome of an input whose answer was neither valid nor an expected refusal. */
export const WRONG = 'wrong';

/**
 * Makes one input and tries it.
 * @param keep is given the input before it is tried
 */
export async function tryInput(
  trial: Trial,
  seed: number,
  index: number,
  keep: (file: Uint8Array | string) => void = () => undefined,
): Promise<Result> {
  const usedMs = startProcessorClock();
  const peakMb = startPeakMemory();
  const { mutation, file, run } = await trial.make(randomFor(seed, index), index);
  keep(file);
  try {
    const outcome = await run();
    return { index, mutation, outcome, cpuMs: usedMs(), peakMb: peakMb() };
  } catch (error) {
    const fault = `${error instanceof Error ? error.name : typeof error}: ${messageOf(error)}`;
    return { index, mutation, outcome: WRONG, fault, cpuMs: usedMs(), peakMb: peakMb() };
  }
}
