import type { Api, ClassifyOptions } from '../api/client.ts';
import { explain } from '../api/explain.ts';
import { createStore, type Store } from '../store.ts';
import { createTaskQueue } from '../task-queue.ts';
import { curlCommand } from './curl-command.ts';
import { finalFindings, type Options, type Picture, type Step } from './picture.ts';
import { followAnswer, type Limits, type Sending, sendPicture } from './send-picture.ts';

/** The pictures on the page, newest first, and the requests made for them. */
export interface Desk {
  readonly pictures: Store<readonly Picture[]>;
  /** Options for every picture that is dropped from now on. */
  readonly options: Store<Options>;
  /** @returns the number of files that were left out because the page is full */
  add(files: readonly File[]): number;
  /** Adds one of the page's own drawings. */
  addExample(file: File, url: string): void;
  /** Sends the picture again, with the current options. */
  retry(id: number): void;
  /** Removes a picture and aborts its requests. */
  remove(id: number): void;
  clear(): void;
  /**
   * Makes the command that sends the picture's last request by curl. It contains the user's token,
   * if there is one.
   */
  curl(picture: Picture): Promise<string>;
  /** Whether such a command contains a token. */
  hasLogin(): boolean;
}

export interface DeskOptions {
  readonly api: Api;
  readonly limits: () => Limits;
  /** Returns the user's token, or null for none. */
  readonly token: () => Promise<string | null>;
  /** Whether there is a token now. */
  readonly hasLogin: () => boolean;
}

/**
 * Enough to hide the network's delay. Lambda starts an instance for each, and a laptop classifies
 * one at a time anyway.
 */
const REQUESTS_AT_A_TIME = 3;

/** With more, the browser would have to keep too many decoded pictures. */
export const MAX_PICTURES = 200;

export function createDesk({ api, limits, token, hasLogin }: DeskOptions): Desk {
  const pictures = createStore<readonly Picture[]>([]);
  const options = createStore<Options>({ model: null, explain: true });
  const queue = createTaskQueue(REQUESTS_AT_A_TIME);
  const ending = new Map<number, AbortController>();
  let nextId = 1;

  const start = ({ id, file }: Pick<Picture, 'id' | 'file'>) => {
    ending.get(id)?.abort();
    const ender = new AbortController();
    ending.set(id, ender);
    const report = (step: Step) => {
      if (!ender.signal.aborted) pictures.update((all) => all.map((one) => (one.id === id ? { ...one, step } : one)));
    };
    const chosen = options.get();
    pictures.update((all) => all.map((one) => (one.id === id ? { ...one, options: chosen } : one)));
    report({ kind: 'waiting' });
    const request = { ...chosen, idempotencyKey: crypto.randomUUID() };
    queue.add(() => ask(file, request, { api, limits: limits(), signal: ender.signal, report }));
  };
  const end = ({ id, previewUrl }: Picture) => {
    ending.get(id)?.abort();
    ending.delete(id);
    URL.revokeObjectURL(previewUrl);
  };
  const removeWhere = (isGoing: (picture: Picture) => boolean) => {
    pictures.get().filter(isGoing).forEach(end);
    pictures.update((all) => all.filter((one) => !isGoing(one)));
  };
  const add = (files: readonly File[], exampleUrl: string | null) => {
    const room = Math.max(0, MAX_PICTURES - pictures.get().length);
    const added = files.slice(0, room).map((file): Picture => {
      const previewUrl = URL.createObjectURL(file);
      return { id: nextId++, file, previewUrl, exampleUrl, options: options.get(), step: { kind: 'waiting' } };
    });
    pictures.update((all) => [...added, ...all]);
    added.forEach(start);
    return files.length - added.length;
  };
  return {
    pictures,
    options,
    add: (files) => add(files, null),
    addExample(file, url) {
      add([file], url);
    },
    retry(id) {
      pictures
        .get()
        .filter((one) => one.id === id)
        .forEach(start);
    },
    remove: (id) => removeWhere((one) => one.id === id),
    clear: () => removeWhere(() => true),
    hasLogin,
    async curl({ file, exampleUrl, options: sent, step }) {
      const storedAs = step.kind === 'done' ? finalFindings(step).storedAs : null;
      return curlCommand({
        ...sent,
        origin: location.origin,
        fileName: file.name,
        exampleUrl: exampleUrl === null ? null : new URL(exampleUrl, location.origin).href,
        storedAs,
        token: await token(),
      });
    },
  };
}

/**
 * Sends a picture, and resolves when it is sent. The answer is awaited outside the queue, because a
 * heavy model may take minutes.
 */
async function ask(file: File, options: ClassifyOptions, sending: Sending): Promise<void> {
  if (sending.signal.aborted) return;
  const onError = (error: unknown) => sending.report({ kind: 'failed', explanation: explain(error) });
  await sendPicture(file, options, sending).then((sent) => {
    void followAnswer(sent, sending).catch(onError);
  }, onError);
}
