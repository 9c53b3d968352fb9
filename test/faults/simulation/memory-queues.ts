import { lives } from './life.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A message, and how far its delivery has come. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  receiveCount: number;
  visibleAt: number;
  handle: string;
}

export interface QueueOptions {
  readonly visibilitySeconds: number;
  /** Where messages go after so many receives; null: nowhere. */
  readonly deadLetters: { readonly queue: string; readonly after: number } | null;
}

/** How the queues deliver. */
export interface Delivery {
  /** Milliseconds until the message can be received. */
  delayOf(queue: string, message: number): number;
  /** Whether a received message stays visible, so that it is delivered twice. */
  isRepeated(queue: string, receive: number): boolean;
  /** A number from 0 to 1, without 1: which of the visible messages comes next. */
  choice(queue: string, receive: number): number;
}

interface Queue extends QueueOptions {
  messages: StoredMessage[];
  waiting: (() => void)[];
  sent: number;
  receives: number;
}

interface Entry {
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

/** SQS in memory: at least once, late, and in no order. */
export class MemoryQueues {
  /** Called with each message that is handed out; whether the queue repeats it on purpose. */
  onReceive: (queue: string, message: StoredMessage, isRepeated: boolean) => void = () => {};
  /** Called with the id of each message that is handed back. */
  onHandedBack: (id: string) => void = () => {};
  readonly #queues = new Map<string, Queue>();
  readonly #time: VirtualTime;
  readonly #delivery: Delivery;

  constructor(time: VirtualTime, delivery: Delivery) {
    this.#time = time;
    this.#delivery = delivery;
  }

  create(name: string, options: QueueOptions): void {
    this.#queues.set(name, { ...options, messages: [], waiting: [], sent: 0, receives: 0 });
  }

  messagesOf(name: string): readonly StoredMessage[] {
    return this.#queue(name).messages;
  }

  /** Takes messages out of a queue and sends them to another. Those that are kept stay. */
  move(from: string, to: string, isKept: (body: string) => boolean = () => false): number {
    const queue = this.#queue(from);
    const messages = queue.messages.filter(({ body }) => !isKept(body));
    queue.messages = queue.messages.filter((message) => !messages.includes(message));
    for (const { body } of messages) this.send(to, body, {});
    return messages.length;
  }

  send(name: string, body: string, attributes: Readonly<Record<string, unknown>>): void {
    const queue = this.#queue(name);
    queue.sent += 1;
    const visibleAt = this.#time.now + this.#delivery.delayOf(name, queue.sent);
    const id = `${name}-${queue.sent}`;
    this.#add(queue, { id, body, attributes, sentAt: this.#time.now, receiveCount: 0, visibleAt, handle: '' });
  }

  /** @returns up to `most` messages; none if none came within `waitSeconds` */
  async receive(name: string, most: number, waitSeconds: number, visibilitySeconds?: number): Promise<StoredMessage[]> {
    const queue = this.#queue(name);
    const end = this.#time.now + waitSeconds * 1000;
    for (;;) {
      const messages = this.#take(name, queue, most, visibilitySeconds ?? queue.visibilitySeconds);
      const rest = end - this.#time.now;
      if (messages.length > 0 || rest <= 0) return messages;
      const next = Math.min(...queue.messages.map(({ visibleAt }) => visibleAt), end);
      await new Promise<void>((resolve) => {
        queue.waiting.push(resolve);
        // The queue outlives those who ask it.
        lives.run(undefined, () => this.#time.after(Math.max(1, next - this.#time.now), resolve));
      });
    }
  }

  delete(name: string, entries: readonly Entry[]): void {
    const queue = this.#queue(name);
    const ids = new Set(entries.map(({ ReceiptHandle }) => idOf(ReceiptHandle)));
    queue.messages = queue.messages.filter(({ id }) => !ids.has(id));
  }

  hide(name: string, entries: readonly Entry[]): void {
    const queue = this.#queue(name);
    for (const { ReceiptHandle, VisibilityTimeout = 0 } of entries) {
      const message = queue.messages.find(({ handle }) => handle === ReceiptHandle);
      // If it was received again since then, its new reader holds it now.
      if (message === undefined) continue;
      message.visibleAt = this.#time.now + VisibilityTimeout * 1000;
      if (VisibilityTimeout === 0) this.onHandedBack(message.id);
    }
    wake(queue);
  }

  #take(name: string, queue: Queue, most: number, visibilitySeconds: number): StoredMessage[] {
    const taken: StoredMessage[] = [];
    for (;;) {
      const visible = queue.messages.filter(
        (one) => one.visibleAt <= this.#time.now && !taken.some(({ id }) => id === one.id),
      );
      if (visible.length === 0 || taken.length >= Math.min(most, 10)) return taken;
      queue.receives += 1;
      const message = visible[Math.floor(this.#delivery.choice(name, queue.receives) * visible.length)];
      if (message === undefined) return taken;
      message.receiveCount += 1;
      if (queue.deadLetters !== null && message.receiveCount > queue.deadLetters.after) {
        queue.messages = queue.messages.filter((one) => one !== message);
        // A dead letter keeps its id and its count.
        this.#add(this.#queue(queue.deadLetters.queue), { ...message, visibleAt: this.#time.now });
        continue;
      }
      const isRepeated = this.#delivery.isRepeated(name, queue.receives);
      message.handle = `${message.id} ${message.receiveCount}`;
      if (!isRepeated) message.visibleAt = this.#time.now + visibilitySeconds * 1000;
      this.onReceive(name, message, isRepeated);
      taken.push({ ...message });
    }
  }

  #add(queue: Queue, message: StoredMessage): void {
    queue.messages.push(message);
    wake(queue);
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new TypeError(`there is no queue ${name}`);
    return queue;
  }
}

function wake(queue: Queue): void {
  for (const proceed of queue.waiting.splice(0)) proceed();
}

function idOf(handle: string): string {
  return handle.split(' ')[0] ?? '';
}
