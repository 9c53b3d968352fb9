import { AutoSwiftNetError, ImageTooLargeError } from '../classifier/errors.ts';
import { readUpTo } from '../models/read-up-to.ts';
import { whyUnreadable } from '../models/why-unreadable.ts';

/** A file does not exist, may not be read, or is a folder. */
export class UnreadableFileError extends AutoSwiftNetError {
  constructor(message: string, cause: unknown) {
    super(message, { code: 'unreadable-file', status: 404, cause });
  }

  /** Says in words why the system refuses to read a file or a folder. */
  static async of(path: string, error: unknown): Promise<UnreadableFileError> {
    return new UnreadableFileError(`cannot be read: ${await whyUnreadable(path, error)}`, error);
  }
}

/**
 * Reads the bytes of a file, or of standard input if the file is `-`.
 * @throws {UnreadableFileError | ImageTooLargeError}
 */
export async function readImage(file: string, maxBytes: number): Promise<Uint8Array> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readUpTo(file === '-' ? process.stdin : file, maxBytes);
  } catch (error) {
    throw await UnreadableFileError.of(file, error);
  }
  if (bytes !== null) return bytes;
  throw new ImageTooLargeError(
    `the image has more than ${maxBytes} bytes, which is the limit (AUTOSWIFTNET_MAX_IMAGE_BYTES)`,
  );
}
