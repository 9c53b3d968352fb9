import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackage } from '../published-package.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** The working directory. */
  readonly cwd: string;
  readonly input?: Uint8Array;
  /** Whether the sources run, as in a clone, and not the published package. Default: no. */
  readonly isClone?: boolean;
  /** Added to the environment, where downloads are forbidden. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Called as soon as the process runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called for each piece of standard output. */
  readonly onOutput?: (child: ChildProcess) => void;
  /** Called for each piece of standard error, with all of it so far. */
  readonly onErrorOutput?: (child: ChildProcess, err: string) => void;
}

/** Runs the command line as a user does, in its own process. */
export async function runCli(args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, input, variables, onStart = () => {}, onOutput = () => {}, onErrorOutput = () => {} } = options;
  const root = options.isClone ? ROOT : publishedPackage();
  const child = spawn(process.execPath, [join(root, 'cli/autoswiftnet.js'), ...args], {
    cwd,
    env: {
      ...process.env,
      AUTOSWIFTNET_MODELS: join(cwd, 'models'),
      AUTOSWIFTNET_MODEL: '',
      AUTOSWIFTNET_OFFLINE: '1',
      AUTOSWIFTNET_DEBUG: '',
      ...variables,
    },
  });
  onStart(child);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => {
    out.push(piece);
    onOutput(child);
  });
  child.stderr.on('data', (piece: Buffer) => {
    err.push(piece);
    onErrorOutput(child, Buffer.concat(err).toString());
  });
  // A command that ends without reading its input closes the pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    ),
  );
}

/** Reads lines of JSON. */
export function jsonLines(text: string): unknown[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}
