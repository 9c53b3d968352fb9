import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A run of the backfill is asked for in a way that it cannot be started: an unknown field, a value
 * out of range, a model that is not deployed. The execution fails before anything is read.
 */
export class InvalidRunRequestError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-run-request', status: 400, cause });
  }
}

/** The function was called with something else than this version's state machine sends. */
export class MalformedCallError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-backfill-call', status: 400, cause });
  }
}

/**
 * An item of a batch cannot be one of the run's bucket: its key is not encoded as in an inventory,
 * or the inventory is of another bucket. The item fails.
 */
export class InvalidItemError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-item', status: 400, cause });
  }
}

/**
 * More of a batch's images failed than the run tolerates. The results are written; the state
 * machine tries the batch again, and then counts it as failed.
 */
export class TooManyFailuresError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'too-many-failures', status: 500 });
  }
}

/**
 * The function's process ended each time that it had this image, at last alone: it ran out of
 * memory or took too long. The image fails, and the rest of the batch goes on.
 */
export class BackfillCrashError extends AutoSwiftNetError {
  constructor() {
    super(
      'the process of the backfill ended with each attempt at this image, also alone: it ran out of memory or took too long. Search its log for "Runtime exited" and "Task timed out", repair the cause or take the image out of the bucket, and start another run.',
      { code: 'backfill-crash', status: 500 },
    );
  }
}
