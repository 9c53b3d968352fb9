import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { errorCode } from './error-code.ts';
import { DataFolderInUseError } from './errors.ts';

type Owner = z.output<typeof ownerSchema>;

const LOCK_FILE = 'lock';

const ownerSchema = z.object({
  pid: z.int().positive(),
  /** When that process began, as its system tells it; null where it does not. Process ids are used again, above all in containers. */
  started: z.string().nullable(),
});

/** Folders that this very process has, which its own process id cannot tell. */
const held = new Set<string>();

/**
 * Takes the data folder, created when missing, for this stack alone. The lock of a process that was killed is taken over.
 * @returns gives the folder back
 * @throws {DataFolderInUseError} naming the process that has it
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
      // Another stack was quicker to take over the same lock.
      throw errorCode(fault) === 'EEXIST' ? new DataFolderInUseError(dataDir, path, other?.pid ?? 0) : fault;
    });
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

/** Null: nothing that a lock holds, as a full disk leaves it. */
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
    // EPERM: it runs, as another user.
    if (errorCode(error) !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started === null || now === null || now === started;
}

/** The 22nd field of Linux' /proc/PID/stat, in clock ticks since boot. The second one, in brackets, can hold anything. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(join('/proc', String(pid), 'stat'), 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
