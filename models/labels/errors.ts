import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A file of labels cannot be used: unreadable, of another form, or not one label a class. */
export class InvalidLabelsError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-labels', status: 422, cause });
  }
}
