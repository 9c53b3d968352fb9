import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A queue message is not an S3 notification, or its key cannot be decoded. The message goes to the
 * dead letters.
 */
export class MalformedEventError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-event', status: 400, cause });
  }
}
