import { SHARE_ENV, Worker } from 'node:worker_threads';
import { ExecutionProviderError, SelfTestError } from '../../../classifier/errors.ts';
import type { ExecutionProvider } from '../../../classifier/onnx-runtime.ts';
import { BrokenEngineError, InferenceError, OutOfMemoryError } from '../errors.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import type { OpenedModel, RunResult, ThreadAnswer, ThreadFault, ThreadRequest } from './protocol.ts';

export interface OpenOptions {
  readonly packageDir: string;
  readonly providers: readonly ExecutionProvider[];
  /** Threads of the CPU provider. */
  readonly threads: number;
  readonly largestBatch: number;
}

/** Runs inference in a thread. Requests are served one after the other, in order. */
export interface Engine {
  /**
   * Opens a model, runs its self-test, and runs every batch size once, because the first run of a
   * size is slow. Sizes for which the device has too little memory are left out of the answer.
   * @throws {ExecutionProviderError} when no provider works on this machine, such as `cuda` without
   *   a GPU
   * @throws {SelfTestError} when the model computes wrongly, and no fallback is right
   * @throws {InferenceError} with the reason, whatever other class of error the thread met
   */
  open(model: string, options: OpenOptions): Promise<OpenedModel>;
  /**
   * Runs the model on `count` images.
   * @param pixels uint8 [count, 224, 224, 3] at the start of its own buffer. The buffer is moved to
   *   the thread, and then to `recycle`.
   * @param features indexes of the images for which the output of the last convolution is wanted
   * @throws {OutOfMemoryError} {@link InferenceError} {@link BrokenEngineError}
   */
  run(model: string, pixels: Uint8Array<ArrayBuffer>, count: number, features: readonly number[]): Promise<RunResult>;
  /**
   * Runs the self-test again. Resolves to whether the model still computes what its converter
   * recorded.
   */
  test(model: string): Promise<boolean>;
  close(model: string): Promise<void>;
  /** Waits for the request in progress, frees the models and ends the thread. */
  stop(): Promise<void>;
  /** Never resolves; rejects with {@link BrokenEngineError} when the thread ends unexpectedly. */
  readonly broken: Promise<never>;
}

interface Pending {
  readonly resolve: (answer: Exclude<ThreadAnswer, ThreadFault>) => void;
  readonly reject: (error: Error) => void;
}

/** Codes of the errors that come out of the thread with their class. */
const SELF_TEST_FAILED = new SelfTestError('').code;
const NO_EXECUTION_PROVIDER = new ExecutionProviderError('').code;

/**
 * Starts the thread. No model is open yet.
 * @param recycle receives each buffer of pixels when its run is over
 */
export function startEngine(recycle: (buffer: ArrayBuffer) => void = () => {}): Engine {
  const thread = startThread();
  const pending = new Map<number, Pending>();
  let asked = 0;
  let stopping = false;
  let end: BrokenEngineError | null = null;
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const broken = new Promise<never>((_resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      const error = new BrokenEngineError(
        `the inference thread exited unexpectedly: ${reason}. Start the worker again.`,
        cause,
      );
      end ??= error;
      for (const { reject: rejectOne } of pending.values()) rejectOne(error);
      pending.clear();
      if (!stopping) reject(error);
    };
    thread.once('error', (cause) => fail(String(cause), cause));
    thread.once('exit', (code) => fail(`exit code ${code}`));
  });
  // Callers that wait for `broken` get the error. If nobody waits, this line keeps it from being an
  // unhandled rejection.
  broken.catch(() => {});

  thread.on('message', (answer: ThreadAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('pixels' in answer && answer.pixels !== null) recycle(answer.pixels.buffer as ArrayBuffer);
    if (answer.kind === 'fault') waiting?.reject(toError(answer));
    else waiting?.resolve(answer);
  });

  function ask(
    request: DistributiveOmit<Exclude<ThreadRequest, { kind: 'stop' }>, 'id'>,
    transfer: ArrayBuffer[] = [],
  ) {
    if (stopping || end !== null)
      return Promise.reject(end ?? new BrokenEngineError('the inference thread was stopped'));
    const id = asked++;
    return new Promise<Exclude<ThreadAnswer, ThreadFault>>((resolve, reject) => {
      pending.set(id, { resolve, reject });
      thread.postMessage({ ...request, id }, transfer);
    });
  }

  return {
    broken,
    async open(model, options) {
      const answer = await ask({ kind: 'open', model, ...options });
      if (answer.kind !== 'opened') throw unexpected(answer);
      const { kind: _kind, id: _id, ...opened } = answer;
      return opened;
    },
    async run(model, pixels, count, features) {
      const answer = await ask({ kind: 'run', model, pixels, count, features }, [pixels.buffer]);
      if (answer.kind !== 'ran') throw unexpected(answer);
      return { logits: answer.logits, features: answer.features, milliseconds: answer.milliseconds };
    },
    test: (model) =>
      ask({ kind: 'test', model }).then(
        () => true,
        () => false,
      ),
    async close(model) {
      await ask({ kind: 'close', model });
    },
    async stop() {
      stopping = true;
      const request: ThreadRequest = { kind: 'stop' };
      thread.postMessage(request);
      await ended;
    },
  };
}

/**
 * Starts the thread. In a clone the sources are TypeScript, so the thread must load tsx first. In
 * the published package they are compiled. The thread shares the environment of the process:
 * ONNX Runtime reads that, not a thread's copy, to see whether telemetry is switched off.
 */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./thread.js', import.meta.url), { execArgv: [], env: SHARE_ENV });
  }
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const module = JSON.stringify(new URL('./thread.ts', import.meta.url).href);
  const bootstrap = `import(${tsx}).then(({ register }) => { register(); return import(${module}); });`;
  return new Worker(bootstrap, { eval: true, execArgv: [], env: SHARE_ENV });
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

function toError({ name, code, message }: ThreadFault): Error {
  if (code === SELF_TEST_FAILED) return new SelfTestError(message);
  if (code === NO_EXECUTION_PROVIDER) return new ExecutionProviderError(message);
  const text = name === 'Error' ? message : `${name}: ${message}`;
  return isOutOfMemory(message) ? new OutOfMemoryError(text) : new InferenceError(text);
}

function unexpected({ kind }: ThreadAnswer): Error {
  return new TypeError(`the inference thread sent an unexpected answer: ${kind}`);
}
