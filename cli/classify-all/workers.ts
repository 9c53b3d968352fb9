import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { moduleOptions } from '../../local/module-url.ts';
import { WorkerError } from './errors.ts';
import type { Item, Task, WorkerMessage, WorkerSettings } from './item.ts';

/** What came of an image: its line, or why it could not be read. */
export type Outcome = Extract<WorkerMessage, { readonly kind: 'answered' | 'unread' }>;

/** Processes that classify images, each on one core. */
export interface Workers {
  /** Gives the image to the worker that has the least to do. */
  classify(item: Item): Promise<Outcome>;
  /** Waits until all are ready. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

interface Worker {
  readonly child: ChildProcess;
  readonly tasks: Map<number, { readonly item: Item; settle(outcome: Outcome): void; fail(error: Error): void }>;
  readonly ready: Promise<void>;
}

/** Starts `count` workers. */
export function startWorkers(count: number, settings: WorkerSettings): Workers {
  const workers = Array.from({ length: count }, () => start(settings));
  let lastId = 0;
  return {
    ready: Promise.all(workers.map(({ ready }) => ready)).then(() => {}),
    classify(item) {
      const { child, tasks } = workers.reduce((best, one) => (one.tasks.size < best.tasks.size ? one : best));
      lastId += 1;
      const task: Task = { id: lastId, item };
      return new Promise((settle, fail) => {
        tasks.set(task.id, { item, settle, fail });
        child.send(task, (error) => error && fail(new WorkerError(`a worker takes no more tasks: ${error.message}`)));
      });
    },
    async close() {
      await Promise.all(
        workers.map(async ({ child }) => {
          child.removeAllListeners('exit');
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }),
      );
    },
  };
}

function start(settings: WorkerSettings): Worker {
  const isClone = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(isClone ? 'worker.ts' : 'worker.js', import.meta.url));
  const child = fork(script, [JSON.stringify(settings)], { execArgv: moduleOptions() });
  const tasks: Worker['tasks'] = new Map();
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') return resolve();
      if (message.kind === 'broken') return reject(new WorkerError(message.message));
      tasks.get(message.id)?.settle(message);
      tasks.delete(message.id);
    });
    child.on('exit', (code, signal) => {
      const images = [...tasks.values()].map(({ item }) => item.uri).join(', ');
      const at = images === '' ? '' : `, at one of these images: ${images}`;
      const error = new WorkerError(
        `a worker process ended unexpectedly (${signal ?? `exit code ${code}`})${at}. Run the same command again: it goes on where it stopped. If it ends again, check the free memory, and move the image away.`,
      );
      reject(error);
      for (const { fail } of tasks.values()) fail(error);
    });
  });
  ready.catch(() => {});
  return { child, tasks, ready };
}
