import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FunctionStartError, InvocationError } from './errors.ts';
import { type InstanceMessage, type Invocation, instanceMessageSchema } from './instance-messages.ts';
import { moduleOptions, moduleUrl } from './module-url.ts';
import { ACCOUNT, REGION } from './names.ts';

export interface FunctionOptions {
  readonly name: string;
  /** URL of the module that exports `handler`. */
  readonly handler: URL;
  /** All environment variables that the function sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** An event that takes longer fails, and its process is replaced. */
  readonly timeoutMs: number;
  /** Receives each line that the function writes to standard output or standard error. */
  readonly onLine: (line: string) => void;
}

/**
 * One instance of a function: its own process, which handles one event at a time and is replaced
 * after it has exited.
 */
export interface FunctionInstance {
  /**
   * Resolves when the function is loaded and idle. It replaces a process that has exited; the wait
   * grows with each exit.
   * @throws {FunctionStartError} when the process cannot load the function
   */
  ready(): Promise<void>;
  /**
   * @returns what the handler returned, after a round trip through JSON
   * @throws {InvocationError} when the handler threw, took too long, or its process exited
   */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the process after the event in progress, or after `graceMs`, whichever comes first. */
  close(graceMs: number): Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  readonly loaded: Promise<void>;
  readonly exited: Promise<void>;
}

/**
 * A process is replaced without a wait after its first exit. Each further wait doubles, up to the
 * maximum.
 */
const FIRST_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 5_000;

/** Starts one instance, which loads in the background. `ready` waits for it. */
export function startFunctionInstance(options: FunctionOptions): FunctionInstance {
  const closing = new AbortController();
  let running = start(options);
  let working: Promise<unknown> = Promise.resolve();
  let ends = 0;

  async function ready(): Promise<void> {
    if (hasEnded(running.child)) {
      const wait = ends === 0 ? 0 : Math.min(MAX_RESTART_DELAY_MS, FIRST_RESTART_DELAY_MS * 2 ** (ends - 1));
      ends++;
      await delay(wait, undefined, { signal: closing.signal });
      running = start(options);
    }
    await running.loaded;
  }

  async function invoke(event: unknown): Promise<unknown> {
    await ready();
    const result = await invokeOnce(running.child, event, options);
    ends = 0;
    return result;
  }

  return {
    ready,
    invoke(event) {
      const turn = working.then(() => invoke(event));
      working = turn.catch(() => {});
      return turn;
    },
    async close(graceMs) {
      closing.abort();
      await Promise.race([working, delay(graceMs, undefined, { ref: false })]);
      running.child.kill('SIGKILL');
      await running.exited;
    },
  };
}

function start({ name, handler, environment, onLine }: FunctionOptions): Running {
  const child = fork(fileURLToPath(moduleUrl('./function-instance')), [handler.href], {
    env: environment,
    execArgv: moduleOptions(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
  }
  const exited = once(child, 'close').then(
    () => {},
    () => {},
  );
  const loaded = new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => reject(new FunctionStartError(`function ${name} could not be loaded: ${reason}`));
    child.on('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`its process exited (${signal ?? `exit code ${code}`})`));
    onMessage(child, (message) => {
      if (message.kind === 'ready') resolve();
      if (message.kind === 'broken') fail(`${message.name}: ${message.message}`);
    });
  });
  // The caller of `ready` sees this error; until then it must not end our own process.
  loaded.catch(() => {});
  return { child, loaded, exited };
}

async function invokeOnce(child: ChildProcess, event: unknown, { name, timeoutMs }: FunctionOptions): Promise<unknown> {
  const id = randomUUID();
  const invocation: Invocation = {
    id,
    event,
    functionName: name,
    functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    deadlineMs: Date.now() + timeoutMs,
  };
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.off('exit', onExit);
      stopListening();
      settle();
    };
    const fail = (code: ConstructorParameters<typeof InvocationError>[0], text: string) =>
      finish(() => reject(new InvocationError(code, `function ${name}: ${text}`)));
    const onExit = (code: number | null, signal: string | null) =>
      fail('instance-crashed', `its process exited while it handled an event (${signal ?? `exit code ${code}`})`);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('function-timeout', `no answer within ${timeoutMs} ms; its process was stopped and is replaced`);
    }, timeoutMs);
    const stopListening = onMessage(child, (message) => {
      if (!('id' in message) || message.id !== id) return;
      if (message.kind === 'result') finish(() => resolve(message.result));
      else fail('handler-failed', `the handler threw ${message.name}: ${message.message}`);
    });
    child.once('exit', onExit);
    child.send(invocation, (error) => {
      if (error) fail('instance-crashed', `its process cannot be reached: ${error.message}`);
    });
  });
}

/** @returns a function that stops listening */
function onMessage(child: ChildProcess, take: (message: InstanceMessage) => void): () => void {
  const listener = (message: unknown) => {
    const parsed = instanceMessageSchema.safeParse(message);
    if (parsed.success) take(parsed.data);
  };
  child.on('message', listener);
  return () => child.off('message', listener);
}

function hasEnded({ exitCode, signalCode, killed, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || killed || pid === undefined;
}
