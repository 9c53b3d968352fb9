/** How the pauses between two questions grow. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** Half a second at first, for local and warm services; a GPU that starts from nothing takes minutes, and is asked every ten seconds. */
export const POLL_BACKOFF: Backoff = { firstMs: 500, factor: 1.5, maxMs: 10_000 };

/**
 * Asks again and again until the answer is the wanted one.
 * @param ask throws to give up
 * @param sleep replaced in tests
 * @throws the signal's reason once it is aborted
 */
export async function poll<Answer>(
  ask: () => Promise<Answer>,
  isFinal: (answer: Answer) => boolean,
  signal: AbortSignal,
  { backoff = POLL_BACKOFF, sleep = pause }: PollOptions = {},
): Promise<Answer> {
  for (let waitMs = backoff.firstMs; ; waitMs = Math.min(backoff.maxMs, waitMs * backoff.factor)) {
    signal.throwIfAborted();
    const answer = await ask();
    if (isFinal(answer)) return answer;
    await sleep(waitMs, signal);
  }
}

interface PollOptions {
  readonly backoff?: Backoff;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Waits, or ends at once when the signal is aborted. @throws the signal's reason */
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
