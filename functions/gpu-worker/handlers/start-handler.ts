import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { HandlerProcessError } from '../errors.ts';
import { forwardLines } from './forward-lines.ts';
import type { HandlerMessage, WorkerMessage } from './messages.ts';
import { type Inference, serveInference } from './serve-inference.ts';

/** A process that receives messages, decodes their images, and writes the answers. */
export interface HandlerProcess {
  readonly pid: number | undefined;
  /**
   * Resolves once it receives messages.
   * @throws {HandlerProcessError} when it ends before
   */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, to how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Number of messages that it holds, as it last said. */
  held(): number;
  /** Asks it to finish what it holds, to hand back what is left after `withinMs`, and to end. */
  stop(withinMs: number): void;
  /** Ends it at once, whatever it does. Its messages are delivered again. */
  kill(): void;
}

/** Where the lines of handlers go. */
export interface Outputs {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * @param program the module of a handler. The process has this one's environment and Node's
 *   options.
 */
export function startHandler(program: URL, inference: Inference, { stdout, stderr }: Outputs): HandlerProcess {
  const child = fork(program, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  if (child.stdout === null || child.stderr === null) throw new TypeError('a handler process has no pipes');
  forwardLines(child.stdout, stdout);
  forwardLines(child.stderr, stderr);
  // A message that cannot be sent is for a process that is about to end.
  const send = (message: WorkerMessage) => void (child.connected && child.send(message, () => {}));
  const server = serveInference(inference, send);
  let held = 0;
  const ended = once(child, 'close').then(
    ([code, signal]: (number | string | null)[]) => (signal === null ? `exit code ${code}` : String(signal)),
    (error: unknown) => String(error),
  );
  void ended.then(() => {
    held = 0;
    server.close();
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: HandlerMessage) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'held') held = message.count;
      else server.receive(message);
    });
    void ended.then((how) => reject(new HandlerProcessError(how)));
  });
  // Only those that are started first are waited for.
  ready.catch(() => {});
  return {
    pid: child.pid,
    ready,
    ended,
    held: () => held,
    stop: (withinMs) => send({ kind: 'stop', withinMs }),
    kill: () => void child.kill('SIGKILL'),
  };
}
