import { messageOf } from '../../../classifier/message-of.ts';
import { isOutOfMemory } from './out-of-memory.ts';

/**
 * Runs each batch size once. The first one for which the device has too little memory ends this:
 * the model is then served in smaller batches, not refused.
 * @param sizes ascending
 * @param run throws when the run fails
 * @returns the sizes that fit
 * @throws what `run` throws for any other reason, or for the smallest size
 */
export async function warmUp(sizes: readonly number[], run: (size: number) => Promise<void>): Promise<number[]> {
  const fitting: number[] = [];
  for (const size of sizes) {
    try {
      await run(size);
    } catch (error) {
      if (fitting.length === 0 || !isOutOfMemory(messageOf(error))) throw error;
      return fitting;
    }
    fitting.push(size);
  }
  return fitting;
}
