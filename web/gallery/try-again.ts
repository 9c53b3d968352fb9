import { explain } from '../api/explain.ts';
import { pause } from '../api/poll.ts';
import type { Store } from '../store.ts';

/** A service that has just started, or a network that is away for a moment, is back by then. */
export const RETRY_PAUSES_MS: readonly number[] = [3_000, 15_000];

export interface TryAgainOptions {
  readonly signal: AbortSignal;
  /** Whether the service does not answer at the moment. */
  readonly isLate: Store<boolean>;
  readonly onFail: () => void;
  readonly sleep?: typeof pause;
}

/**
 * Loads something, a few times if it may yet work, and then once whenever the service is back.
 * @throws what `load` throws if trying again does not help, or the reason of the signal
 */
export async function tryAgain<Value>(
  load: () => Promise<Value>,
  { signal, isLate, onFail, sleep = pause }: TryAgainOptions,
): Promise<Value> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load();
    } catch (error) {
      signal.throwIfAborted();
      onFail();
      if (!explain(error).canRetry) throw error;
    }
    const pauseMs = RETRY_PAUSES_MS[attempt];
    await (pauseMs === undefined ? untilBack(isLate, signal) : sleep(pauseMs, signal));
  }
}

/** @throws the reason of the signal once that is aborted */
function untilBack(isLate: Store<boolean>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = isLate.subscribe(() => {
      if (isLate.get()) return;
      end();
      resolve();
    });
    signal.addEventListener('abort', () => {
      end();
      reject(signal.reason);
    });
  });
}
