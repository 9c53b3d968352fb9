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
