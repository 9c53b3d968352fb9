import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { isMissing, openForWriting } from './json-file.ts';
import type { Segment } from './object-version.ts';

/** A range of bytes, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The bytes of a bucket's objects. Each file is written once, under its own name. A file counts
 * only once a record on disk names it; files without a record are deleted at the start. A file that
 * is being read survives its deletion until the reader is done.
 */
export class DataFiles {
  readonly #dir: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Writes all bytes to disk, or leaves nothing behind.
   *
   * @param keyHash SHA-256 of the object's key, in hexadecimal
   * @returns the segments (none if there are no bytes)
   */
  async write(keyHash: string, bytes: AsyncIterable<Uint8Array>): Promise<Segment[]> {
    const segment = { file: `${keyHash}.${randomBytes(16).toString('hex')}`, size: 0 };
    const handle = await openForWriting(this.#path(segment.file));
    try {
      for await (const chunk of bytes) {
        await handle.writeFile(chunk);
        segment.size += chunk.byteLength;
      }
      if (segment.size > 0) await handle.datasync();
    } catch (error) {
      await handle.close();
      await this.#delete(segment.file);
      throw error;
    }
    await handle.close();
    if (segment.size > 0) return [segment];
    await this.#delete(segment.file);
    return [];
  }

  /**
   * Streams a range of the segments' bytes, laid end to end. The files stay until the stream is
   * closed.
   */
  read(segments: readonly Segment[], range: ByteRange): Readable {
    for (const { file } of segments) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    return Readable.from(this.#bytesOf(segments, range), { objectMode: false }).once('close', () => {
      for (const { file } of segments) this.#release(file);
    });
  }

  /**
   * Deletes segments that no record names any more. Those being read are deleted when their last
   * reader is done. Files that cannot be deleted are removed at the next start.
   */
  async remove(segments: readonly Segment[]): Promise<void> {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else await this.#delete(file).catch(() => {});
    }
  }

  /** Deletes every file that is not in `named`. A crash leaves such files. */
  async sweep(named: ReadonlySet<string>): Promise<void> {
    for (const path of await filesUnder(this.#dir)) {
      if (!named.has(basename(path))) await rm(path, { force: true });
    }
  }

  async *#bytesOf(segments: readonly Segment[], { first, last }: ByteRange): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { file, size } of segments) {
      const [start, end] = [Math.max(0, first - offset), Math.min(size - 1, last - offset)];
      if (start <= end) yield* createReadStream(this.#path(file), { start, end, highWaterMark: 262_144 });
      offset += size;
    }
  }

  #release(file: string): void {
    const readers = (this.#readers.get(file) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(file, readers);
      return;
    }
    this.#readers.delete(file);
    if (this.#doomed.delete(file)) this.#delete(file).catch(() => {});
  }

  async #delete(file: string): Promise<void> {
    await rm(this.#path(file), { force: true });
  }

  #path(file: string): string {
    return join(this.#dir, file.slice(0, 2), file);
  }
}

/**
 * Returns the paths of all files in a folder and its subfolders, or an empty list if the folder is
 * missing.
 */
export async function filesUnder(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
