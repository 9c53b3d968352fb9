import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A worker process could not start, or the workers die at one image after the other. */
export class WorkerError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'worker-ended', status: 500 });
  }
}

/** A worker process died while it had an image. It says nothing of the image: others were there. */
export class WorkerDiedError extends Error {
  /** @param how exit code or signal */
  constructor(readonly how: string) {
    super(`a worker process ended unexpectedly (${how})`);
  }
}

/** A worker process died at an image, and another one that had no other image died, too. */
export class ImageCrashError extends AutoSwiftNetError {
  constructor(how: string) {
    super(
      `two processes ended unexpectedly (${how}) while they classified this image. Please report it with the image. To try it again, remove its line.`,
      { code: 'image-crash', status: 500 },
    );
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
