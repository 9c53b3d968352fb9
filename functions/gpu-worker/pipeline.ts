import { setTimeout as delay } from 'node:timers/promises';
import type { MessageFate } from './handle-message.ts';
import { type HeavyReceiver, type HeldMessage, MAX_BATCH_MESSAGES } from './heavy-receiver.ts';
import type { WorkerReport } from './report.ts';

export interface PipelineOptions {
  readonly queue: HeavyReceiver;
  readonly handle: (message: HeldMessage) => Promise<MessageFate>;
  /** Messages held at a time at most. */
  readonly capacity: number;
  /** A held message is hidden from others for so long, and again before that is over. */
  readonly visibilitySeconds: number;
  /**
   * How long one receive waits for messages. Default 5: ending waits for it, and an idle worker
   * asks for cents a month.
   */
  readonly waitSeconds?: number;
  readonly report: Pick<WorkerReport, 'onReceived' | 'onFault'>;
}

export interface Pipeline {
  /** Messages held now. */
  held(): number;
  /** Asks for no more messages. What is held goes on. */
  stopReceiving(): void;
  /**
   * Asks for no more. Resolves when nothing is held any more, or after `withinMs`: what is then
   * still held is handed back.
   */
  drain(withinMs: number): Promise<void>;
}

const DEFAULT_WAIT_SECONDS = 5;

/**
 * Each holds a long poll of its own, so that a slow answer of the queue does not keep a fast GPU
 * waiting.
 */
const POLLS = 2;

/** A message's timeout is extended this often within itself: two extensions may fail. */
const EXTENSIONS_PER_TIMEOUT = 3;

/** Deletions go out when ten are there, or after this. */
const DELETE_DELAY_MS = 50;

/** So that a queue that is gone is not asked a thousand times a second. */
const FAULT_DELAY_MS = 1_000;

/**
 * Receives messages, as many as may be held, and has each handled; extends their timeouts all the
 * while; and deletes those that are done. A message that is not deleted comes again, here or at
 * another worker: whatever ends this process loses nothing.
 */
export function startPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options);
}

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #held = new Map<string, HeldMessage>();
  readonly #remove: (message: HeldMessage) => Promise<void>;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #polls: Promise<void>[];
  readonly #heartbeat: NodeJS.Timeout;
  #waitingForRoom: (() => void)[] = [];
  #receiving = 0;
  #onEmpty = () => {};

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#remove = createDeletions(options.queue);
    const interval = (options.visibilitySeconds * 1000) / EXTENSIONS_PER_TIMEOUT;
    this.#heartbeat = setInterval(() => this.#extend(), interval);
    this.#stopping.signal.addEventListener('abort', () => this.#wake());
    this.#polls = Array.from({ length: POLLS }, () => this.#poll());
  }

  held(): number {
    return this.#held.size;
  }

  stopReceiving(): void {
    this.#stopping.abort();
  }

  async drain(withinMs: number): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#finish(), delay(withinMs, undefined, { ref: false })]);
    // A receive that is cut off may have got messages that nobody sees: they stay hidden for their
    // timeout. So this comes last.
    this.#aborting.abort();
    await Promise.all(this.#polls);
    clearInterval(this.#heartbeat);
    const left = [...this.#held.values()];
    this.#held.clear();
    await this.#options.queue.hide(left, 0);
  }

  /** Resolves when the last receives are back and nothing is held. */
  async #finish(): Promise<void> {
    await Promise.all(this.#polls);
    if (this.#held.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const room = Math.min(MAX_BATCH_MESSAGES, this.#options.capacity - this.#held.size - this.#receiving);
      if (room > 0) await this.#receive(room);
      else await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    }
  }

  async #receive(most: number): Promise<void> {
    const { queue, visibilitySeconds, waitSeconds = DEFAULT_WAIT_SECONDS, report } = this.#options;
    this.#receiving += most;
    try {
      const messages = await queue.receive({ most, visibilitySeconds, waitSeconds }, this.#aborting.signal);
      if (this.#stopping.signal.aborted) await queue.hide(messages, 0);
      else for (const message of messages) this.#take(message);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      report.onFault('messages cannot be received', error);
      await delay(FAULT_DELAY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
    } finally {
      this.#receiving -= most;
      this.#wake();
    }
  }

  #take(message: HeldMessage): void {
    this.#held.set(message.handle, message);
    this.#options.report.onReceived(message.sentAt);
    void this.#settle(message);
  }

  async #settle(message: HeldMessage): Promise<void> {
    const { handle, queue, report } = this.#options;
    const fate = await handle(message);
    // Handed back meanwhile, because the time was up.
    if (!this.#held.has(message.handle)) return;
    try {
      if (fate.kind === 'done') await this.#remove(message);
      else await queue.hide([message], fate.kind === 'failed' ? fate.againInSeconds : 0);
    } catch (error) {
      report.onFault('a message cannot be handed back', error);
    } finally {
      this.#held.delete(message.handle);
      this.#wake();
      if (this.#held.size === 0) this.#onEmpty();
    }
  }

  #extend(): void {
    const { queue, visibilitySeconds, report } = this.#options;
    queue.hide([...this.#held.values()], visibilitySeconds).catch((error: unknown) => {
      report.onFault('the visibility timeout of messages cannot be extended', error);
    });
  }

  #wake(): void {
    for (const proceed of this.#waitingForRoom.splice(0)) proceed();
  }
}

/**
 * Collects deletions: SQS takes ten in one request. @returns adds one; its promise tells when it
 * has been sent
 */
function createDeletions(queue: HeavyReceiver): (message: HeldMessage) => Promise<void> {
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
