import type { Api } from '../api/client.ts';
import { explain } from '../api/explain.ts';
import { createStore, type Store } from '../store.ts';
import type { Picture, Step } from './picture.ts';
import { followAnswer, type Limits, type Sending, sendPicture } from './send-picture.ts';
import { createTaskQueue } from './task-queue.ts';

/** What to ask of every picture that is dropped from now on. */
export interface Options {
  /** Null: the service's default. */
  readonly model: string | null;
  /** Whether to ask for the activation map. */
  readonly explain: boolean;
}

/** The pictures on the page, newest first, and the requests that are made for them. */
export interface Desk {
  readonly pictures: Store<readonly Picture[]>;
  readonly options: Store<Options>;
  add(files: readonly File[]): void;
  /** Asks again, with the options as they are now. */
  retry(id: number): void;
  /** Ends its requests as well. */
  remove(id: number): void;
  clear(): void;
}

export interface DeskOptions {
  readonly api: Api;
  readonly limits: () => Limits;
}

/** Enough to hide the way to and fro; a Lambda is started for each, and a laptop classifies one at a time anyway. */
const REQUESTS_AT_A_TIME = 3;

/** Beyond this the browser would have to keep too many decoded pictures. */
export const MAX_PICTURES = 200;

export function createDesk({ api, limits }: DeskOptions): Desk {
  const pictures = createStore<readonly Picture[]>([]);
  const options = createStore<Options>({ model: null, explain: true });
  const queue = createTaskQueue(REQUESTS_AT_A_TIME);
  const ending = new Map<number, AbortController>();
  let nextId = 1;

  const start = (id: number, file: File) => {
    const ender = new AbortController();
    ending.set(id, ender);
    const { signal } = ender;
    const report = (step: Step) => {
      if (!signal.aborted) pictures.update((all) => all.map((one) => (one.id === id ? { ...one, step } : one)));
    };
    const wish = { ...options.get(), idempotencyKey: crypto.randomUUID() };
    const sending = (): Sending => ({ api, limits: limits(), signal, report });
    const onError = (error: unknown) => report({ kind: 'failed', explanation: explain(error) });
    report({ kind: 'waiting' });
    queue.add(async () => {
      if (signal.aborted) return;
      await sendPicture(file, wish, sending()).then((sent) => {
        // A heavy model may take minutes: the next picture does not wait for it.
        void followAnswer(sent, sending()).catch(onError);
      }, onError);
    });
  };
  const end = ({ id, previewUrl }: Picture) => {
    ending.get(id)?.abort();
    ending.delete(id);
    URL.revokeObjectURL(previewUrl);
  };
  return {
    pictures,
    options,
    add(files) {
      const room = Math.max(0, MAX_PICTURES - pictures.get().length);
      const added = files.slice(0, room).map(
        (file): Picture => ({
          id: nextId++,
          file,
          previewUrl: URL.createObjectURL(file),
          step: { kind: 'waiting' },
        }),
      );
      pictures.update((all) => [...added, ...all]);
      for (const { id, file } of added) start(id, file);
    },
    retry(id) {
      const picture = pictures.get().find((one) => one.id === id);
      ending.get(id)?.abort();
      if (picture !== undefined) start(id, picture.file);
    },
    remove(id) {
      pictures
        .get()
        .filter((one) => one.id === id)
        .forEach(end);
      pictures.update((all) => all.filter((one) => one.id !== id));
    },
    clear() {
      pictures.get().forEach(end);
      pictures.update(() => []);
    },
  };
}
