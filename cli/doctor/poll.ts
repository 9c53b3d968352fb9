import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
/** The local stack answers within a second, AWS within seconds. */
const LONGEST_PAUSE_MS = 2_000;

/** What follows another thing at once is waited for this long. Milliseconds. */
export const SOON_MS = 10_000;

/**
 * Asks again and again until there is an answer.
 * @returns the answer, or null if none came before the signal
 */
export async function poll<Answer>(signal: AbortSignal, ask: () => Promise<Answer | null>): Promise<Answer | null> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
      await delay(pause, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}
