import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A file could not be downloaded: no server, no answer in time, a refusal, or an answer that is not
 * the file. The received bytes are kept for the next attempt if they can be part of the file.
 */
export class DownloadError extends AutoSwiftNetError {
  /** Whether the same request may succeed later. */
  readonly transient: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, options: { transient: boolean; retryAfterMs?: number; cause?: unknown }) {
    super(message, { code: 'download-failed', status: 502, cause: options.cause });
    this.transient = options.transient;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/**
 * The file is not the requested one. If it was downloaded, it has been removed; a file of the user
 * is left alone.
 */
export class ChecksumError extends AutoSwiftNetError {
  constructor(file: string, expected: string, found: string, hint: string) {
    super(
      `${file} is not the expected file: its SHA-256 is ${found}, but it should ${expected.length < 64 ? 'start with' : 'be'} ${expected}. ${hint}`,
      { code: 'wrong-checksum', status: 502 },
    );
  }
}
