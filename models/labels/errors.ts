import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A file of labels cannot be used: it cannot be read, has another form, or does not have one label
 * per class.
 */
export class InvalidLabelsError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-labels', status: 422, cause });
  }
}
