import { AutoSwiftNetError } from '../../classifier/errors.ts';
import * as uploads from '../tag-upload/queue.ts';

/**
 * No attempt at an upload left a reason: the tagging function ran out of memory, took too long,
 * could not start, or could not write the record. An image beside it in the same batches may be the
 * cause.
 */
export class FunctionCrashError extends AutoSwiftNetError {
  constructor() {
    super(
      `none of ${uploads.MAX_RECEIVE_COUNT} attempts left a reason: the tagging function ran out of memory, took too long, could not start or could not write the record. Search its log for "Runtime exited", "Task timed out" and level ERROR. The image is tried once more, alone.`,
      { code: 'function-crashed', status: 500 },
    );
  }
}

/** A message failed in a call of its own, too. It is parked. */
export class FailedAloneError extends AutoSwiftNetError {
  /**
   * @param fault continues the sentence "the tagging function failed with this message alone: …"
   */
  constructor(fault: string, cause?: unknown) {
    super(
      `the tagging function failed with this message alone: ${fault}. Read the reason in the image's record, repair the cause, and send the parked message back.`,
      { code: 'failed-alone', status: 500, cause },
    );
  }
}
