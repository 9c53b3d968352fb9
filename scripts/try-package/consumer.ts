import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder of a user who installs the package, with the environment of their shell. */
export interface Consumer {
  readonly folder: string;
  /** Runs a line of shell and returns its output. Fails when the exit code is not 0. */
  readonly run: (line: string) => Promise<{ stdout: string; stderr: string }>;
  /** Starts a command in a process group of its own, without a shell beside it. */
  readonly start: (line: string) => ChildProcess;
}

export function openConsumer(folder: string): Consumer {
  const options: SpawnOptions = { cwd: folder, shell: true, env: cleanEnvironment() };
  return {
    folder,
    run: (line) => finished(line, spawn(line, options)),
    start: (line) => spawn(`exec ${line}`, { ...options, detached: true }),
  };
}

/**
 * Returns the checksum of each file in a folder by its path, to see whether anything was changed.
 */
export function checksums(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

/**
 * Returns the environment without what `npm run` adds to it (the clone's .npmrc and commands) and
 * without our own variables. Models are never downloaded, so that the answers are the same with and
 * without a network.
 */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|AUTOSWIFTNET_)|^(INIT_CWD|NODE_OPTIONS|NODE_ENV)$/.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), AUTOSWIFTNET_OFFLINE: '1' };
}

function finished(line: string, child: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${line}\nfailed with exit code ${code}:\n${stdout}${stderr}`));
    });
  });
}
