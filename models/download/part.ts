import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

/** What the server said of the file that a part is the beginning of. */
export interface PartOrigin {
  readonly url: string;
  readonly etag: string | null;
  /** Of the whole file, where the server said so. */
  readonly totalBytes: number | null;
}

/**
 * Without a write for this long a part is abandoned whoever's it seems to be (a process number used again, another machine's process on
 * a shared folder): far above any stall that a download survives.
 */
const ABANDONED_AFTER_MS = 600_000;

const originSchema = z.strictObject({
  url: z.string(),
  etag: z.string().nullable(),
  totalBytes: z.int().nonnegative().nullable(),
});

/** The folders of parts that this process is writing. */
const active = new Set<string>();

/**
 * The beginning of a download: a folder `FILE.HOST.PID.RANDOM.part` beside the file, holding `data` and `origin.json`.
 * Its name says whose it is, so that downloads of one file at a time never write into each other, and its being a folder lets
 * a later process take both files over in one step.
 */
export class Part {
  readonly #folder: string;
  #origin: PartOrigin | null;

  private constructor(folder: string, origin: PartOrigin | null) {
    this.#folder = folder;
    this.#origin = origin;
  }

  /** Takes over the largest part of `destination` that a process left behind, or begins an empty one. Other leftovers are removed. */
  static async claim(destination: string): Promise<Part> {
    const parent = dirname(destination);
    await mkdir(parent, { recursive: true });
    const owner = `${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
    const folder = join(parent, `${basename(destination)}.${owner}.part`);
    active.add(folder);
    const [largest, ...others] = await abandonedParts(destination);
    const claimed = largest !== undefined && (await takeOver(largest, folder));
    for (const other of claimed || !largest ? others : [largest, ...others])
      await rm(other, { recursive: true, force: true });
    if (!claimed) await mkdir(folder);
    return new Part(folder, claimed ? await readOrigin(folder) : null);
  }

  get path(): string {
    return join(this.#folder, 'data');
  }

  get origin(): PartOrigin | null {
    return this.#origin;
  }

  async size(): Promise<number> {
    return (await stat(this.path).catch(() => null))?.size ?? 0;
  }

  async begin(origin: PartOrigin): Promise<void> {
    await this.clear();
    this.#origin = origin;
    await writeFile(join(this.#folder, 'origin.json'), JSON.stringify(origin));
  }

  async clear(): Promise<void> {
    this.#origin = null;
    await rm(this.path, { force: true });
  }

  /** Appends the pieces as they come, telling of each; what was written before a failure stays. */
  async append(pieces: AsyncIterable<Uint8Array>, onWritten: (bytes: number) => Promise<void>): Promise<void> {
    const file = await open(this.path, 'a');
    try {
      for await (const piece of pieces) {
        await file.writeFile(piece);
        await onWritten(piece.byteLength);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** The first 64 bytes, as Latin-1 text. */
  async beginning(): Promise<string> {
    const file = await open(this.path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Puts the file in its place, in one step. */
  async finish(destination: string): Promise<void> {
    await rename(this.path, destination);
  }

  /** Keeps what arrived, if anything did, for whoever claims it next. */
  async leave(): Promise<void> {
    if ((await this.size()) === 0) await rm(this.#folder, { recursive: true, force: true });
    active.delete(this.#folder);
  }
}

/** Largest first. */
async function abandonedParts(destination: string): Promise<string[]> {
  const prefix = `${basename(destination)}.`;
  const names = (await readdir(dirname(destination))).filter((name) => name.startsWith(prefix));
  const sizes: { folder: string; bytes: number }[] = [];
  for (const name of names) {
    const owner = /^(.+)\.(\d+)\.[0-9a-f]{8}\.part$/.exec(name.slice(prefix.length));
    if (!owner) continue;
    const folder = join(dirname(destination), name);
    const data = await stat(join(folder, 'data')).catch(() => stat(folder).catch(() => null));
    if (!data) continue;
    const isDead = owner[1] === hostname() && !isRunning(Number(owner[2]), folder);
    const isStale = !active.has(folder) && Date.now() - data.mtimeMs > ABANDONED_AFTER_MS;
    if (isDead || isStale) sizes.push({ folder, bytes: data.isFile() ? data.size : 0 });
  }
  return sizes.sort((a, b) => b.bytes - a.bytes).map(({ folder }) => folder);
}

function isRunning(pid: number, folder: string): boolean {
  if (pid === process.pid) return active.has(folder);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

async function readOrigin(folder: string): Promise<PartOrigin | null> {
  try {
    return originSchema.parse(JSON.parse(await readFile(join(folder, 'origin.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** False when another process was faster. */
async function takeOver(abandoned: string, folder: string): Promise<boolean> {
  try {
    // Or, old as it is, it would still look abandoned once it is ours.
    const now = new Date();
    await utimes(join(abandoned, 'data'), now, now);
    await rename(abandoned, folder);
    return true;
  } catch {
    return false;
  }
}
