import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { moduleOptions } from '../../local/module-url.ts';
import { WorkerDiedError, WorkerError } from './errors.ts';
import type { Item, Task, WorkerMessage, WorkerSettings } from './item.ts';

/** What a worker says of an image: its line, or why it could not be read. */
export type Answered = Extract<WorkerMessage, { readonly kind: 'answered' | 'unread' }>;

/** A process that classifies images. After it died, the next image starts another. */
export interface WorkerProcess {
  /** How many images it has. */
  readonly load: number;
  /**
   * Starts the process, if there is none, and waits until it has opened the model.
   * @throws {WorkerError} when it cannot
   */
  start(): Promise<void>;
  /**
   * @throws {WorkerDiedError} when the process died while it had the image
   * @throws {WorkerError} when it cannot start
   */
  classify(item: Item): Promise<Answered>;
  /** Ends the process. The next image starts another. */
  close(): Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  readonly tasks: Map<number, { settle(answered: Answered): void; fail(error: Error): void }>;
  readonly ready: Promise<void>;
}

export function createWorkerProcess(settings: WorkerSettings): WorkerProcess {
  let running: Running | undefined;
  let load = 0;
  let lastId = 0;
  const open = (): Running => {
    if (running !== undefined) return running;
    const opened = run(settings);
    running = opened;
    opened.child.on('exit', () => {
      if (running === opened) running = undefined;
    });
    return opened;
  };
  const send = async (item: Item): Promise<Answered> => {
    const { child, tasks, ready } = open();
    await ready;
    lastId += 1;
    const task: Task = { id: lastId, item };
    return new Promise((settle, fail) => {
      tasks.set(task.id, { settle, fail });
      // It fails once the process has exited; 'exit' may come later.
      child.send(task, (error) => error && fail(new WorkerDiedError(error.message)));
    });
  };
  return {
    get load() {
      return load;
    },
    start: () => open().ready,
    async classify(item) {
      load += 1;
      try {
        return await send(item);
      } finally {
        load -= 1;
      }
    },
    async close() {
      const { child } = running ?? {};
      running = undefined;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function run(settings: WorkerSettings): Running {
  const isClone = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(isClone ? 'worker.ts' : 'worker.js', import.meta.url));
  const child = fork(script, [JSON.stringify(settings)], { execArgv: moduleOptions() });
  const tasks: Running['tasks'] = new Map();
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') return resolve();
      if (message.kind === 'broken') return reject(new WorkerError(message.message));
      tasks.get(message.id)?.settle(message);
      tasks.delete(message.id);
    });
    child.on('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      reject(
        new WorkerError(
          `a worker process ended before it could take an image (${how}). Check the free memory, and run the same command again: it goes on where it stopped.`,
        ),
      );
      for (const { fail } of tasks.values()) fail(new WorkerDiedError(how));
    });
  });
  // The next image that is sent gets the error.
  ready.catch(() => {});
  return { child, tasks, ready };
}
