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
