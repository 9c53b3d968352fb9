import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** S3 forbids the function what it must do: a missing grant, a key it may not use, an archived object. Retried; never the image's fault. */
export class ObjectAccessError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'object-access-denied', status: 500, cause });
  }
}

/** The object's body ended before the length that S3 announced. Retried. */
export class IncompleteBodyError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'incomplete-body', status: 500 });
  }
}

/** The image kept changing while its record was brought in line. Retried, once it is quieter. */
export class UnsettledImageError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'unsettled-image', status: 500 });
  }
}
