import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A worker process ended, or could not start. */
export class WorkerError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'worker-ended', status: 500 });
  }
}

/** An object was deleted after it was listed. */
export class ObjectGoneError extends AutoSwiftNetError {
  constructor() {
    super('the object was deleted meanwhile', { code: 'object-gone', status: 404 });
  }
}

/** So many images in a row could not be read that the rest cannot be read either. */
export class NothingReadableError extends AutoSwiftNetError {
  constructor(inARow: number) {
    super(
      `${inARow} images in a row could not be read. Do what the messages above say, and run the same command again: it goes on where it stopped.`,
      { code: 'nothing-readable', status: 502 },
    );
  }
}
