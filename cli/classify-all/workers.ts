import { createTurns } from '../../functions/side-by-side/turns.ts';
import { classificationJson, NO_MODEL } from '../classification-output.ts';
import { ImageCrashError, WorkerDiedError } from './errors.ts';
import type { Item, WorkerSettings } from './item.ts';
import { type Answered, createWorkerProcess } from './worker-process.ts';

/** What came of an image: what a worker says of it, or the line of one at which workers die. */
export type Outcome = Answered | { readonly kind: 'crashed'; readonly line: string; readonly fault: string };

/** Processes that classify images, each on one core. */
export interface Workers {
  /**
   * Gives the image to the worker that has the least to do. If the worker dies while it has the
   * image, the image is tried once more in a process that has no other.
   * @returns for an image at which that process died as well, a line with an `ImageCrashError`
   * @throws {WorkerError} when a worker cannot start
   */
  classify(item: Item): Promise<Outcome>;
  /** Waits until all are ready. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Starts `count` workers. */
export function startWorkers(count: number, settings: WorkerSettings): Workers {
  const workers = Array.from({ length: count }, () => createWorkerProcess(settings));
  const quarantine = createQuarantine(settings);
  return {
    ready: Promise.all(workers.map((worker) => worker.start())).then(() => {}),
    async classify(item) {
      const worker = workers.reduce((best, one) => (one.load < best.load ? one : best));
      try {
        return await worker.classify(item);
      } catch (error) {
        if (!(error instanceof WorkerDiedError)) throw error;
        // A worker has several images, and dies of one of them at most.
        return await quarantine.classify(item);
      }
    },
    async close() {
      await Promise.all([...workers, quarantine].map((worker) => worker.close()));
    },
  };
}

/**
 * Makes a worker that takes one image at a time. Its process ends when no image waits, because it
 * holds a model of its own.
 */
function createQuarantine(settings: WorkerSettings): Pick<Workers, 'classify' | 'close'> {
  const worker = createWorkerProcess(settings);
  const turns = createTurns(1);
  let waiting = 0;
  const classifyAlone = async (item: Item): Promise<Outcome> => {
    try {
      return await worker.classify(item);
    } catch (error) {
      if (!(error instanceof WorkerDiedError)) throw error;
      const crash = new ImageCrashError(error.how);
      const line = classificationJson(item.uri, { error: crash }, NO_MODEL);
      return { kind: 'crashed', line, fault: crash.message };
    }
  };
  return {
    classify(item) {
      waiting += 1;
      return turns.take(async () => {
        try {
          return await classifyAlone(item);
        } finally {
          waiting -= 1;
          if (waiting === 0) await worker.close();
        }
      });
    },
    close: () => worker.close(),
  };
}
