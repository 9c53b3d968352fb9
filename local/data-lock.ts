import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { errorCode } from './error-code.ts';
import { DataFolderInUseError } from './errors.ts';

type Owner = z.output<typeof ownerSchema>;

const LOCK_FILE = 'lock';

const ownerSchema = z.object({
  pid: z.int().positive(),
  /**
   * Start time of that process as the system gives it, or null if the system does not give it. It
   * is needed because process ids are reused, above all in containers.
   */
  started: z.string().nullable(),
});

/**
 * Lock files of this very process. Its own process id cannot tell two stacks in one process apart.
 */
const held = new Set<string>();

/**
 * Locks the data folder for this stack, and creates the folder if it is missing. It takes over the
 * lock of a process that was killed.
 * @returns a function that unlocks the folder
 * @throws {DataFolderInUseError} naming the process that holds the lock
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const path = resolve(dataDir, LOCK_FILE);
  const owner: Owner = { pid: process.pid, started: await startOf(process.pid) };
  const take = () => writeFile(path, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
  try {
    await take();
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const other = await readOwner(path);
    if (other !== null && (await isRunning(other, path))) throw new DataFolderInUseError(dataDir, path, other.pid);
    await rm(path, { force: true });
    await take().catch((fault: unknown) => {
      // Another stack took over the same lock first.
      throw errorCode(fault) === 'EEXIST' ? new DataFolderInUseError(dataDir, path, other?.pid ?? 0) : fault;
    });
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

/**
 * Refuses a data folder that another stack uses now. It changes nothing.
 * @throws {DataFolderInUseError} naming the process that holds the lock
 */
export async function requireUnused(dataDir: string): Promise<void> {
  const path = resolve(dataDir, LOCK_FILE);
  const owner = await readOwner(path);
  if (owner !== null && (await isRunning(owner, path))) throw new DataFolderInUseError(dataDir, path, owner.pid);
}

/** Reads a lock file. Returns null if the file holds no valid lock, as after a full disk. */
async function readOwner(path: string): Promise<Owner | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function isRunning({ pid, started }: Owner, path: string): Promise<boolean> {
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process runs as another user.
    if (errorCode(error) !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started === null || now === null || now === started;
}

/**
 * Reads the start time, in clock ticks since boot, from field 22 of Linux' /proc/PID/stat. Field 2
 * is in brackets and may contain anything, so counting starts after it.
 */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(join('/proc', String(pid), 'stat'), 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
