import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * S3 denies access: a permission is missing, the KMS key may not be used, or the object is
 * archived. The event is tried again, and the image is never blamed.
 */
export class ObjectAccessError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'object-access-denied', status: 500, cause });
  }
}

/** The object's body is not as long as S3 announced. The event is tried again. */
export class IncompleteBodyError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'incomplete-body', status: 500 });
  }
}

/**
 * The image kept changing while its label rows and tags were being updated. The event is tried
 * again later.
 */
export class UnsettledImageError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'unsettled-image', status: 500 });
  }
}
