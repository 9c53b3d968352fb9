import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

const READ_AHEAD_BYTES = 1_000_000;

/**
 * Reads all bytes of a file, or of a pipe such as `<(command)` in a shell. It never holds much more
 * than the limit in memory, even if the input is endless.
 * @param file path, or a stream such as standard input
 * @returns null if there are more than `maxBytes`
 */
export async function readUpTo(file: string | Readable, maxBytes: number): Promise<Buffer | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of typeof file === 'string' ? await openFile(file) : file) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > maxBytes) return null;
  }
  return Buffer.concat(pieces);
}

/**
 * Opens a file or a pipe for reading, in pieces of up to a megabyte. A stream of `fs` opens a pipe
 * in a thread that waits until a program writes to it. The process cannot end before that thread,
 * not even after Ctrl-C. A socket waits without a thread.
 */
export async function openFile(path: string): Promise<Readable> {
  if (!(await stat(path)).isFIFO()) return createReadStream(path, { highWaterMark: READ_AHEAD_BYTES });
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
