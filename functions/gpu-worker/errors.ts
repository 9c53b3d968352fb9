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

/**
 * This worker can answer nothing more, whatever it is asked. It hands back the messages that it
 * holds, and ends, so that another one takes its place.
 */
export abstract class BrokenWorkerError extends AutoSwiftNetError {}

/** The inference thread is gone or computes wrongly. */
export class BrokenEngineError extends BrokenWorkerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'engine-broken', status: 500, cause });
  }
}

/** The machine, and not the model, is why a model cannot be stored or opened: its disk is full. */
export class MachineError extends BrokenWorkerError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'machine-fault', status: 500, cause });
  }
}

/**
 * No attempt at a request left a reason: each time its worker ended, or was taken away. A picture
 * beside it in the same worker may be the cause.
 */
export class WorkerCrashError extends AutoSwiftNetError {
  constructor(attempts: number) {
    super(
      `none of ${attempts} attempts left a reason: each time the worker ended before it could say why. Look in its log, and at the stopped tasks of the ECS service, for what ended it; then move the message back from the dead letters.`,
      { code: 'worker-crashed', status: 500 },
    );
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
