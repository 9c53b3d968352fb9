import { setTimeout as delay } from 'node:timers/promises';
import type { MessageFate } from './handle-message.ts';
import { type HeavyQueue, type HeldMessage, MAX_BATCH_MESSAGES } from './heavy-queue.ts';
import type { WorkerReport } from './report.ts';

export interface PipelineOptions {
  readonly queue: HeavyQueue;
  readonly handle: (message: HeldMessage) => Promise<MessageFate>;
  /** Messages held at a time at most. */
  readonly capacity: number;
  /** A held message is hidden from others for so long, and again before that is over. */
  readonly visibilitySeconds: number;
  /** How long one receive waits for messages. Default 5: ending waits for it, and an idle worker asks for cents a month. */
  readonly waitSeconds?: number;
  readonly report: Pick<WorkerReport, 'onReceived' | 'onFault'>;
}

export interface Pipeline {
  /** Messages held now. */
  held(): number;
  /** Asks for no more messages. What is held goes on. */
  stopReceiving(): void;
  /** Asks for no more. Resolves when nothing is held any more, or after `withinMs`: what is then still held is handed back. */
  drain(withinMs: number): Promise<void>;
}

const DEFAULT_WAIT_SECONDS = 5;

/** Each holds a long poll of its own, so that a slow answer of the queue does not keep a fast GPU waiting. */
const POLLS = 2;

/** A message's timeout is extended this often within itself: two extensions may fail. */
const EXTENSIONS_PER_TIMEOUT = 3;

/** Deletions go out when ten are there, or after this. */
const DELETE_DELAY_MS = 50;

/** So that a queue that is gone is not asked a thousand times a second. */
const FAULT_DELAY_MS = 1_000;

/**
 * Receives messages, as many as may be held, and has each handled; extends their timeouts all the while; and deletes those that are done. A
 * message that is not deleted comes again, here or at another worker: whatever ends this process loses nothing.
 */
export function startPipeline(options: PipelineOptions): Pipeline {
  const { queue, handle, capacity, visibilitySeconds, waitSeconds = DEFAULT_WAIT_SECONDS, report } = options;
  const stopping = new AbortController();
  const aborting = new AbortController();
  const held = new Map<string, HeldMessage>();
  const remove = createDeletions(queue);
  const waitingForRoom: (() => void)[] = [];
  let receiving = 0;
  let onEmpty = () => {};

  const heartbeat = setInterval(
    () => {
      const messages = [...held.values()];
      queue.hide(messages, visibilitySeconds).catch((error: unknown) => {
        report.onFault('messages cannot be kept', error);
      });
    },
    (visibilitySeconds * 1000) / EXTENSIONS_PER_TIMEOUT,
  );

  async function settle(message: HeldMessage): Promise<void> {
    const fate = await handle(message);
    // Handed back meanwhile, because the time was up.
    if (!held.has(message.handle)) return;
    try {
      if (fate.kind === 'done') await remove(message);
      else await queue.hide([message], fate.kind === 'failed' ? fate.againInSeconds : 0);
    } catch (error) {
      report.onFault('a message cannot be given back', error);
    } finally {
      held.delete(message.handle);
      wake();
      if (held.size === 0) onEmpty();
    }
  }

  function wake(): void {
    for (const proceed of waitingForRoom.splice(0)) proceed();
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const room = Math.min(MAX_BATCH_MESSAGES, capacity - held.size - receiving);
      if (room <= 0) {
        await new Promise<void>((resolve) => waitingForRoom.push(resolve));
        continue;
      }
      receiving += room;
      try {
        const messages = await queue.receive({ most: room, visibilitySeconds, waitSeconds }, aborting.signal);
        if (stopping.signal.aborted) {
          await queue.hide(messages, 0);
          return;
        }
        for (const message of messages) {
          held.set(message.handle, message);
          report.onReceived(message.sentAt);
          void settle(message);
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        report.onFault('messages cannot be received', error);
        await delay(FAULT_DELAY_MS, undefined, { signal: stopping.signal }).catch(() => {});
      } finally {
        receiving -= room;
        wake();
      }
    }
  }

  stopping.signal.addEventListener('abort', wake);
  const polls = Array.from({ length: POLLS }, poll);

  return {
    held: () => held.size,
    stopReceiving: () => stopping.abort(),
    async drain(withinMs) {
      stopping.abort();
      const finished = Promise.all(polls).then(
        () =>
          new Promise<void>((resolve) => {
            onEmpty = resolve;
            if (held.size === 0) resolve();
          }),
      );
      await Promise.race([finished, delay(withinMs, undefined, { ref: false })]);
      // A receive that is cut off may have got messages that nobody sees: they stay hidden for their timeout. So this comes last.
      aborting.abort();
      await Promise.all(polls);
      clearInterval(heartbeat);
      const left = [...held.values()];
      held.clear();
      await queue.hide(left, 0);
    },
  };
}

/** Collects deletions: SQS takes ten in one request. @returns adds one; its promise tells when it has been sent */
function createDeletions(queue: HeavyQueue): (message: HeldMessage) => Promise<void> {
  interface Batch {
    readonly messages: HeldMessage[];
    readonly send: () => void;
    readonly sent: Promise<void>;
  }
  let open: Batch | undefined;

  function begin(): Batch {
    const messages: HeldMessage[] = [];
    let due = () => {};
    const sent = new Promise<void>((resolve) => {
      due = resolve;
    }).then(() => queue.delete(messages));
    const timer = setTimeout(() => batch.send(), DELETE_DELAY_MS);
    const batch: Batch = {
      messages,
      sent,
      send() {
        clearTimeout(timer);
        if (open === batch) open = undefined;
        due();
      },
    };
    return batch;
  }

  return (message) => {
    open ??= begin();
    const { messages, send, sent } = open;
    messages.push(message);
    if (messages.length === MAX_BATCH_MESSAGES) send();
    return sent;
  };
}
