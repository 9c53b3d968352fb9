import { pause } from '../api/poll.ts';

/** New uploads are on the page within three seconds: they are tagged in half a second, and then seen. */
export const LOOK_EVERY_MS = 1_500;

/** Longest pause while the service does not answer. */
export const MAX_PAUSE_MS = 60_000;

export interface WatchOptions {
  /** Ends at once while the page is visible. */
  readonly whenVisible?: (signal: AbortSignal) => Promise<void>;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Looks again and again while the page is visible. When looking fails, the pauses double up to a
 * minute. Looks at once when a hidden page is shown again. Ends with the signal.
 */
export async function watch(
  look: () => Promise<void>,
  signal: AbortSignal,
  { whenVisible = untilVisible, sleep = pause }: WatchOptions = {},
): Promise<void> {
  let pauseMs = LOOK_EVERY_MS;
  try {
    while (!signal.aborted) {
      await sleep(pauseMs, signal);
      await whenVisible(signal);
      pauseMs = await look().then(
        () => LOOK_EVERY_MS,
        () => Math.min(MAX_PAUSE_MS, 2 * pauseMs),
      );
    }
  } catch (reason) {
    if (!signal.aborted) throw reason;
  }
}

/** @throws the reason of the signal once that is aborted */
function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (document.visibilityState === 'visible') return resolve();
    const ending = new AbortController();
    const end = (settle: () => void) => {
      ending.abort();
      settle();
    };
    const options = { signal: ending.signal };
    signal.addEventListener('abort', () => end(() => reject(signal.reason)), options);
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') end(resolve);
      },
      options,
    );
  });
}
