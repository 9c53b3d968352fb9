import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface StackProgram {
  /** The command line's file. Default: the clone's. */
  readonly cli?: string | undefined;
  /** More options of `autoswiftnet start`. Default: none. */
  readonly options?: readonly string[] | undefined;
}

/**
 * Starts `autoswiftnet start` as a user would, with a package, and with its data in a new folder
 * below `folder`.
 * @returns when it is ready; end it with SIGTERM
 */
export async function startStack(
  packageDir: string,
  folder: string,
  { cli = fileURLToPath(new URL('../cli/autoswiftnet.js', import.meta.url)), options = [] }: StackProgram = {},
): Promise<{ child: ChildProcess; url: string }> {
  const data = join(folder, `data-${Date.now()}`);
  const command = [cli, 'start', '--port', '0', '--data', data, '--model', packageDir, ...options];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, AUTOSWIFTNET_OFFLINE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url: string | undefined;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    url = /^ready (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) break;
  }
  if (url === undefined) throw new Error('the local stack exited before it was ready');
  // A pipe that nobody reads stops the process that writes to it.
  child.stdout.resume();
  return { child, url };
}
