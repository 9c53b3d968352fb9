import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

/** What the server said about the file whose beginning this part is. */
export interface PartOrigin {
  readonly url: string;
  readonly etag: string | null;
  /** Size of the whole file, if the server gave it. */
  readonly totalBytes: number | null;
}

/**
 * A part without a write for this long is abandoned, even if its owner seems to exist (a reused
 * process id, or a process of another machine on a shared folder). No download survives a pause as
 * long as this.
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
 * The beginning of a download: a folder `FILE.HOST.PID.RANDOM.part` beside the file, with `data`
 * and `origin.json` in it. The name says who owns it, so simultaneous downloads of one file never
 * write into each other. It is a folder so that a later process can take over both files in one
 * step.
 */
export class Part {
  readonly #folder: string;
  #origin: PartOrigin | null;

  private constructor(folder: string, origin: PartOrigin | null) {
    this.#folder = folder;
    this.#origin = origin;
  }

  /**
   * Takes over the largest part of `destination` that another process left behind, or begins an
   * empty one. Other abandoned parts are removed.
   */
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

  /**
   * Appends the pieces as they arrive and reports each of them. After a failure the written bytes
   * stay.
   */
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

  /** Returns the first 64 bytes as Latin-1 text. */
  async beginning(): Promise<string> {
    const file = await open(this.path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Moves the file to its destination in one step. */
  async finish(destination: string): Promise<void> {
    await rename(this.path, destination);
  }

  /** Keeps the received bytes, if there are any, for the next process that claims the part. */
  async leave(): Promise<void> {
    if ((await this.size()) === 0) await rm(this.#folder, { recursive: true, force: true });
    active.delete(this.#folder);
  }
}

/** Lists the abandoned parts, the largest first. */
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
    // EPERM: the process exists, but it belongs to another user.
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

/** Takes over an abandoned part. Returns false when another process was faster. */
async function takeOver(abandoned: string, folder: string): Promise<boolean> {
  try {
    // A fresh time stamp: with the old one the part would still look abandoned after it is ours.
    const now = new Date();
    await utimes(join(abandoned, 'data'), now, now);
    await rename(abandoned, folder);
    return true;
  } catch {
    return false;
  }
}
