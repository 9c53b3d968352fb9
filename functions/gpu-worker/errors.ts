import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** One run of a model failed, because of the machine or of this image. It is tried again. */
export class InferenceError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'inference-failed', status: 500, cause });
  }
}

/**
 * The device has no memory for a run of that many images. Thrown to the caller only when one image
 * alone is too many.
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

/** A package's file could not be fetched from S3, or is not the one that was meant. */
export class PackageDownloadError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-download', status: 500, cause });
  }
}

/** The worker ends; what it had not begun goes back to the queue. */
export class DrainingError extends AutoSwiftNetError {
  constructor() {
    super('the worker is stopping: another worker takes the message', { code: 'draining', status: 503 });
  }
}
