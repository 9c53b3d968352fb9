import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** One run of a model failed, because of the machine or of this image. It is tried again. */
export class InferenceError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'inference-failed', status: 500, cause });
  }
}

/**
 * The device has too little memory for a run with that many images. Callers see this error only if
 * a single image does not fit.
 */
export class OutOfMemoryError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'out-of-memory', status: 500, cause });
  }
}

/** The inference thread is gone or computes wrongly. The whole worker must be replaced. */
export class BrokenEngineError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'engine-broken', status: 500, cause });
  }
}

/** A handler process ended before it received messages. Its own log line says why. */
export class HandlerProcessError extends AutoSwiftNetError {
  /** @param how `exit code 1`, `SIGKILL` */
  constructor(how: string) {
    super(
      `a process that handles messages ended (${how}) before it was ready. Look at the log lines before this one; if it was killed, there may be too little memory: set AUTOSWIFTNET_HANDLERS to a smaller number.`,
      { code: 'handler-ended', status: 500 },
    );
  }
}

/** A file of a package cannot be downloaded from S3, or has an unexpected checksum. */
export class PackageDownloadError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-download', status: 500, cause });
  }
}

/** The worker is stopping. Messages that it has not begun go back to the queue. */
export class DrainingError extends AutoSwiftNetError {
  constructor() {
    super('the worker is stopping: another worker takes the message', { code: 'draining', status: 503 });
  }
}
