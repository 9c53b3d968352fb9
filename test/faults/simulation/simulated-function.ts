import { queueArn } from '../../../local/names.ts';
import { failedMessages, toSqsEvent } from '../../../local/sqs-event.ts';
import { type Life, lives } from './life.ts';
import type { Machine, Stage } from './machine.ts';

export interface FunctionOptions {
  readonly stage: Stage;
  readonly timeoutMs: number;
  /** Loads the function in a new process. */
  readonly open: (life: Life) => (event: never) => Promise<unknown>;
  /** Share of the calls in which the process is killed, and within how many milliseconds. */
  readonly kills: { readonly share: number; readonly withinMs: number };
}

interface Instance {
  readonly life: Life;
  readonly handle: (event: never) => Promise<unknown>;
}

/** A Lambda function: processes that handle one event at a time, and are replaced when they end. */
export class SimulatedFunction {
  readonly #machine: Machine;
  readonly #options: FunctionOptions;
  readonly #idle: Instance[] = [];

  constructor(machine: Machine, options: FunctionOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  /**
   * @param messages ids of the messages that the event is made of
   * @throws what the function throws, or {@link ProcessEndedError}
   */
  async invoke(event: unknown, messages: readonly string[] = []): Promise<unknown> {
    const { stage, timeoutMs, kills } = this.#options;
    const instance = this.#idle.pop() ?? this.#start();
    const { life, handle } = instance;
    this.#machine.mayKill(life, stage, kills.share, kills.withinMs);
    const timer = lives.run(undefined, () => this.#machine.time.after(timeoutMs, () => life.kill('it took too long')));
    try {
      return await this.#machine.holding(life, messages, () => life.run(() => handle(event as never)));
    } finally {
      timer.isCancelled = true;
      if (!life.isOver) this.#idle.push(instance);
    }
  }

  #start(): Instance {
    const life = this.#machine.start(this.#options.stage);
    return { life, handle: lives.run(life, () => this.#options.open(life)) };
  }
}

export interface EventSourceOptions {
  readonly queue: string;
  readonly batchSize: number;
  /** Batches at the same time. */
  readonly pollers: number;
}

const WAIT_SECONDS = 20;
/** Lambda deletes what was handled. Some of these calls are lost. */
const LOST_DELETIONS = 0.01;

/** Hands the messages of a queue to a function, as Lambda does, with partial batch responses. */
export function startEventSource(machine: Machine, target: SimulatedFunction, options: EventSourceOptions): void {
  const { queue, batchSize, pollers } = options;
  const { queues, draws } = machine;

  async function poll(): Promise<never> {
    for (;;) {
      const messages = await queues.receive(queue, batchSize, WAIT_SECONDS);
      if (messages.length === 0) continue;
      const ids = messages.map(({ id }) => id);
      const failed = await invoke(messages, ids);
      const done = messages.filter(({ id }) => !failed.has(id));
      const isLost = draws.share('lost deletion', queue, machine.count(`batches of ${queue}`)) < LOST_DELETIONS;
      if (machine.areFaultsOn && isLost) machine.count('deletions lost');
      else
        queues.delete(
          queue,
          done.map(({ handle }) => ({ ReceiptHandle: handle })),
        );
    }
  }

  async function invoke(messages: Awaited<ReturnType<typeof queues.receive>>, ids: readonly string[]) {
    const event = toSqsEvent(
      messages.map(({ id, handle, body, receiveCount, sentAt }) => ({
        MessageId: id,
        ReceiptHandle: handle,
        Body: body,
        Attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt) },
      })),
      queueArn(queue),
    );
    try {
      return failedMessages(await target.invoke(event, ids), ids);
    } catch {
      return new Set(ids);
    }
  }

  for (let poller = 0; poller < pollers; poller += 1) void poll();
}
