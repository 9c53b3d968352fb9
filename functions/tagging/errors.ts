import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * S3 denies access: a permission is missing, the key may not be used, or the object is archived. It
 * is tried again, and is never the image's fault.
 */
export class ObjectAccessError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'object-access-denied', status: 500, cause });
  }
}

/** The object's body is not as long as S3 announced. It is tried again. */
export class IncompleteBodyError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'incomplete-body', status: 500 });
  }
}

/**
 * The image kept changing while its label rows and tags were being updated. It is tried again
 * later.
 */
export class UnsettledImageError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'unsettled-image', status: 500 });
  }
}
