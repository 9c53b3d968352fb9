import { setTimeout as delay } from 'node:timers/promises';
import type { MessageFate } from './handle-message.ts';
import { type HeavyReceiver, type HeldMessage, MAX_BATCH_MESSAGES } from './heavy-receiver.ts';
import type { WorkerReport } from './report.ts';

export interface PipelineOptions {
  readonly queue: HeavyReceiver;
  readonly handle: (message: HeldMessage) => Promise<MessageFate>;
  /** Maximum number of messages held at the same time. */
  readonly capacity: number;
  /**
   * Visibility timeout of a held message. It is extended again and again while the message is held.
   */
  readonly visibilitySeconds: number;
  /**
   * How long one receive request waits for messages. Default 5: stopping has to wait for that
   * request, and the requests of an idle worker still cost only cents a month.
   */
  readonly waitSeconds?: number;
  readonly report: Pick<WorkerReport, 'onReceived' | 'onFault'>;
}

export interface Pipeline {
  /** Returns the number of messages held now. */
  held(): number;
  /** Stops asking for messages. Held messages are still handled. */
  stopReceiving(): void;
  /**
   * Stops asking for messages. Resolves when no message is held any more, or after `withinMs`.
   * Messages that are still held then are handed back to the queue.
   */
  drain(withinMs: number): Promise<void>;
}

const DEFAULT_WAIT_SECONDS = 5;

/**
 * Number of receive requests at a time. With two, a slow answer from the queue does not keep a fast
 * GPU waiting.
 */
const POLLS = 2;

/**
 * Number of extensions within one visibility timeout. One would do; the others are for extensions
 * that fail.
 */
const EXTENSIONS_PER_TIMEOUT = 3;

/** Deletions are sent together: as soon as there are ten, or after this time. */
const DELETE_DELAY_MS = 50;

/**
 * Pause after a failed receive request. Without it, a queue that no longer exists would be asked a
 * thousand times a second.
 */
const FAULT_DELAY_MS = 1_000;

/**
 * Receives messages, up to the number that may be held, and passes each one to `handle`. Meanwhile
 * it extends the timeouts of held messages, and it deletes messages that are done. A message that
 * is not deleted is delivered again, to this worker or to another, so nothing is lost even if this
 * process is killed.
 */
export function startPipeline(options: PipelineOptions): Pipeline {
  return new RunningPipeline(options);
}

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  /** Messages that are being handled. */
  readonly #handled = new Map<string, HeldMessage>();
  /**
   * Deletions and last timeouts of messages, under way. The heartbeat and `drain` leave these
   * messages alone, because they would undo that.
   */
  readonly #ending = new Set<Promise<void>>();
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
    return this.#handled.size + this.#ending.size;
  }

  stopReceiving(): void {
    this.#stopping.abort();
  }

  async drain(withinMs: number): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#finish(), delay(withinMs, undefined, { ref: false })]);
    // A receive request that is aborted may already have taken messages that nobody sees. They
    // would stay hidden for the whole timeout, so aborting comes last.
    this.#aborting.abort();
    await Promise.all(this.#polls);
    clearInterval(this.#heartbeat);
    const left = [...this.#handled.values()];
    this.#handled.clear();
    await Promise.all([this.#options.queue.hide(left, 0), ...this.#ending]);
  }

  /** Resolves when the last receive requests have ended and no message is held. */
  async #finish(): Promise<void> {
    await Promise.all(this.#polls);
    if (this.held() === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const room = Math.min(MAX_BATCH_MESSAGES, this.#options.capacity - this.held() - this.#receiving);
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
    this.#handled.set(message.handle, message);
    this.#options.report.onReceived(message.sentAt);
    void this.#settle(message);
  }

  async #settle(message: HeldMessage): Promise<void> {
    const fate = await this.#options.handle(message);
    if (fate.kind === 'released') {
      // This worker is ending. A request that still waits would get the message again at once, and
      // cost it another attempt.
      this.stopReceiving();
      await Promise.all(this.#polls);
    }
    // `drain` handed it back in the meantime, because the time was up.
    if (!this.#handled.delete(message.handle)) return;
    const ending = this.#end(message, fate);
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
    this.#wake();
    if (this.held() === 0) this.#onEmpty();
  }

  async #end(message: HeldMessage, fate: MessageFate): Promise<void> {
    const { queue, report } = this.#options;
    try {
      if (fate.kind === 'done') await this.#remove(message);
      else await queue.hide([message], fate.kind === 'failed' ? fate.againInSeconds : 0);
    } catch (error) {
      report.onFault('a message cannot be handed back', error);
    }
  }

  #extend(): void {
    const { queue, visibilitySeconds, report } = this.#options;
    queue.hide([...this.#handled.values()], visibilitySeconds).catch((error: unknown) => {
      report.onFault('the visibility timeout of messages cannot be extended', error);
    });
  }

  #wake(): void {
    for (const proceed of this.#waitingForRoom.splice(0)) proceed();
  }
}

/**
 * Collects deletions, because SQS deletes up to ten messages in one request.
 * @returns a function that adds one deletion; its promise resolves once the deletion was sent
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
