import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { AutoSwiftNetError, ImageTooLargeError } from '../classifier/errors.ts';

const READ_AHEAD_BYTES = 1_000_000;

/** A file does not exist, may not be read, or is a folder. */
export class UnreadableFileError extends AutoSwiftNetError {
  constructor(message: string, cause: unknown) {
    super(message, { code: 'unreadable-file', status: 404, cause });
  }

  /** Says in words why the system refuses to read a file or a folder. */
  static of(error: unknown): UnreadableFileError {
    return new UnreadableFileError(`cannot be read: ${reasonOf(error)}`, error);
  }
}

/**
 * Reads the bytes of a file, or of standard input if the file is `-`. It never holds much more than
 * the limit in memory, even if the input is endless.
 * @throws {UnreadableFileError | ImageTooLargeError}
 */
export async function readImage(file: string, maxBytes: number): Promise<Uint8Array> {
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: READ_AHEAD_BYTES });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of stream) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxBytes) break;
    }
  } catch (error) {
    throw UnreadableFileError.of(error);
  }
  if (bytes > maxBytes) {
    throw new ImageTooLargeError(
      `the image has more than ${maxBytes} bytes, which is the limit (AUTOSWIFTNET_MAX_IMAGE_BYTES)`,
    );
  }
  return Buffer.concat(pieces);
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return String(error);
  switch (error.code) {
    case 'ENOENT':
      return 'the file does not exist';
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'EACCES':
      return 'permission denied';
    case 'ELOOP':
      return 'it is a link that leads back to itself';
    default:
      return String(error.code);
  }
}
