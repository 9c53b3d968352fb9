import { isPassing } from './api-error.ts';

/** How the pauses between two requests grow. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/**
 * Starts with half a second, for local and warm services. Starting a heavy model's machine takes minutes, so the
 * pauses grow to ten seconds.
 */
export const POLL_BACKOFF: Backoff = { firstMs: 500, factor: 1.5, maxMs: 10_000 };

/**
 * Asks again and again until an answer is final.
 * @param ask throws to give up. A failure that may pass counts as an answer that is not final, as
 *   often in a row as `maxFailures` says.
 * @param sleep is replaced in tests
 * @throws what `ask` throws, or the reason of the signal once that is aborted
 */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  isFinal: (answer: Answer) => boolean,
  signal: AbortSignal,
  { backoff = POLL_BACKOFF, maxFailures = 0, sleep = pause }: PollOptions = {},
): Promise<Answer> {
  let failures = 0;
  for (let waitMs = backoff.firstMs; ; waitMs = Math.min(backoff.maxMs, waitMs * backoff.factor)) {
    signal.throwIfAborted();
    try {
      const answer = await ask();
      if (isFinal(answer)) return answer;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > maxFailures || !isPassing(error)) throw error;
    }
    await sleep(waitMs, signal);
  }
}

interface PollOptions {
  readonly backoff?: Backoff;
  /** Default: 0, so the first failure is the end. */
  readonly maxFailures?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Waits, or ends at once when the signal is aborted.
 * @throws the reason of the signal
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
