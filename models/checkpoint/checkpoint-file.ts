import { readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { whyUnreadable } from '../why-unreadable.ts';
import { CheckpointNotFoundError, DamagedCheckpointError } from './errors.ts';

/**
 * The bytes of a checkpoint on disk. Headers are read synchronously, one window at a time; weights
 * are read asynchronously into the caller's memory.
 */
export class CheckpointFile {
  readonly path: string;
  /** Size in bytes when the file was opened. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /**
   * Opens a checkpoint. Only regular files are opened, because opening a pipe would wait for ever.
   * @throws {CheckpointNotFoundError} when it is missing, not a regular file or not readable
   */
  static async open(path: string): Promise<CheckpointFile> {
    try {
      const { size } = await regularFile(path);
      return new CheckpointFile(path, size, await open(path, 'r'));
    } catch (error) {
      if (error instanceof CheckpointNotFoundError) throw error;
      const reason = await whyUnreadable(path, error);
      throw new CheckpointNotFoundError(
        `checkpoint ${path} cannot be opened (${reason}). Check the path, or download a released model with autoswiftnet models fetch.`,
        error,
      );
    }
  }

  /**
   * Returns `length` bytes at `position`, which must lie within the file. The caller must limit
   * `length`, because this many bytes are allocated.
   */
  readHeader(position: number, length: number): Buffer {
    this.#checkRange(position, length);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#handle.fd, bytes, done, length - done, position + done);
      if (count === 0) throw this.#endedEarly(position + done, position + length);
      done += count;
    }
    return bytes;
  }

  /** Fills all of `target` with the bytes from `position` on. */
  async readInto(target: ArrayBufferView, position: number): Promise<void> {
    const length = target.byteLength;
    this.#checkRange(position, length);
    const bytes = new Uint8Array(target.buffer, target.byteOffset, length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) throw this.#endedEarly(position + done, position + length);
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #checkRange(position: number, length: number): void {
    const end = position + length;
    if (!Number.isSafeInteger(position) || position < 0 || end > this.size) throw this.#endedEarly(this.size, end);
  }

  #endedEarly(found: number, expected: number): DamagedCheckpointError {
    return new DamagedCheckpointError(
      `checkpoint ${this.path} is incomplete: it ends at byte ${found}, but by its headers it has at least ${expected} bytes. Download or save it again.`,
    );
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (found.isFile()) return found;
  throw new CheckpointNotFoundError(
    `checkpoint ${path} is a ${found.isDirectory() ? 'folder' : 'device or pipe'}, not a file. Give the path of the .pth or .safetensors file.`,
  );
}
