import { setTimeout as delay } from 'node:timers/promises';
import type { HandlerProcess } from './start-handler.ts';

export interface KeepOptions {
  readonly count: number;
  readonly start: () => HandlerProcess;
  /** Called when a handler receives messages. */
  readonly onReady: (handler: HandlerProcess) => void;
  /** Called when a handler ends that was not asked to. It is started again. */
  readonly onEnded: (handler: HandlerProcess, how: string, againInMs: number) => void;
  /** Called when a handler is killed, because it did not end in time. */
  readonly onStuck: (handler: HandlerProcess) => void;
  readonly waits?: Waits;
}

/** Milliseconds. */
export interface Waits {
  /** Before a handler is started again. Each further end doubles the wait, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** A handler that lived so long was sound: the next wait is the first one again. */
  readonly sound: number;
  /** When its time to stop is over, before a handler is killed that has not ended. */
  readonly closing: number;
}

/** The processes that handle a worker's messages. */
export interface Handlers {
  /** @throws {HandlerProcessError} when one of the first processes ends before it is ready */
  readonly ready: Promise<void>;
  /** Number of processes that receive messages now. */
  running(): number;
  /** Number of messages that they hold. */
  held(): number;
  /**
   * Asks all to stop (see HandlerProcess), and waits until they have ended. What has not ended half
   * a second after `withinMs` is killed: its loop may be stuck, and then it hears of nothing.
   */
  stop(withinMs: number): Promise<void>;
}

const DEFAULT_WAITS: Waits = { first: 1_000, longest: 30_000, sound: 60_000, closing: 500 };

/** Starts so many handlers, and each of them again when it ends. */
export function keepHandlers(options: KeepOptions): Handlers {
  const { count, start, onReady, onEnded, onStuck, waits = DEFAULT_WAITS } = options;
  const stopping = new AbortController();
  const alive = new Set<HandlerProcess>();
  const running = new Set<HandlerProcess>();

  function begin(): HandlerProcess {
    const handler = start();
    alive.add(handler);
    handler.ready.then(
      () => {
        running.add(handler);
        onReady(handler);
      },
      () => {},
    );
    return handler;
  }

  async function keep(first: HandlerProcess): Promise<void> {
    let handler = first;
    let waitMs = waits.first;
    for (;;) {
      const since = performance.now();
      const how = await handler.ended;
      alive.delete(handler);
      running.delete(handler);
      if (stopping.signal.aborted) return;
      if (performance.now() - since >= waits.sound) waitMs = waits.first;
      onEnded(handler, how, waitMs);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      waitMs = Math.min(waits.longest, 2 * waitMs);
      handler = begin();
    }
  }

  const firsts = Array.from({ length: count }, begin);
  const kept = firsts.map(keep);
  return {
    ready: Promise.all(firsts.map(({ ready }) => ready)).then(() => {}),
    running: () => running.size,
    held: () => [...alive].reduce((sum, handler) => sum + handler.held(), 0),
    async stop(withinMs) {
      stopping.abort();
      for (const handler of alive) handler.stop(withinMs);
      const overdue = setTimeout(() => {
        for (const handler of alive) {
          onStuck(handler);
          handler.kill();
        }
      }, withinMs + waits.closing);
      await Promise.all(kept);
      clearTimeout(overdue);
    },
  };
}
