import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A class and its probability. */
export interface ClassProbability {
  readonly index: number;
  readonly probability: number;
}

/** What a side answers about one picture. Times are milliseconds, memory MB of 2^20 bytes. */
export interface Reply {
  /** From the encoded bytes to the classes. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Processor time of the whole process so far. */
  readonly cpuMsSinceStart: number;
  readonly residentMb: number;
  readonly peakMb: number;
  /** The best first. */
  readonly classes: readonly ClassProbability[];
}

export type Precision = 'fp32' | 'int8';

/** A library with one model, as a command that serves requests (sides/serve.mjs). */
export interface Side {
  readonly name: string;
  readonly precision: Precision;
  readonly command: readonly string[];
}

/**
 * Every side runs on one processor core. sharp uses one thread there; options say the same
 * to ONNX Runtime and PyTorch. Telemetry is off for all, as AutoSwiftNet turns it off itself. No
 * side uses the network, so certificates that this machine may add for Node are left out: Node
 * parses them at each start, for some 50 ms.
 */
const { NODE_EXTRA_CA_CERTS: _certificates, ...variables } = process.env;
const ENVIRONMENT = { ...variables, VIPS_CONCURRENCY: '1', OMP_NUM_THREADS: '1', ORT_DISABLE_TELEMETRY: '1' };

/** A side that runs. Ask one question at a time. */
export class RunningSide {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: Interface;
  readonly #name: string;
  readonly #exited: Promise<void>;
  #errors = '';

  /** @param core the number of the processor core on which it runs */
  constructor({ name, precision, command }: Side, core: number) {
    const [file = '', ...args] = [...pinned(core), ...command];
    this.#name = `${name} ${precision}`;
    this.#child = spawn(file, args, { env: ENVIRONMENT, stdio: 'pipe' });
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new TypeError('the process has no pipes');
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = `${this.#errors}${text}`.slice(-2000);
    });
    this.#exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    // What a process that exits early did not read is reported by ask().
    this.#child.stdin?.on('error', () => {});
    this.#input = createInterface({ input: stdout });
    this.#lines = this.#input[Symbol.asyncIterator]();
  }

  /**
   * Classifies a picture.
   * @param top how many classes to return
   * @throws {Error} with what the process wrote to stderr, when it exits instead of answering
   */
  async ask(picture: string, top = 1): Promise<Reply> {
    this.#child.stdin?.write(`${JSON.stringify({ picture, top })}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name} exited instead of classifying ${picture}: ${this.#errors}`);
    return JSON.parse(value);
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
    this.#input.close();
  }
}

let taskset: boolean | undefined;

function pinned(core: number): string[] {
  taskset ??= canPin();
  return taskset ? ['taskset', '--cpu-list', String(core)] : [];
}

/** Returns whether processes can be kept on one core: `taskset` is part of Linux' util-linux. */
export function canPin(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
