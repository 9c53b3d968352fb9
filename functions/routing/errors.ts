import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** Enough of a requested name to recognise it. */
const MAX_NAME_CHARACTERS = 128;

/**
 * A message of the heavy queue, received or about to be sent, is not a request of this version. It
 * goes to the dead letters.
 */
export class HeavyMessageError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-heavy-message', status: 400, cause });
  }
}

/** The requested model does not answer here. `models` are the names of those that do. */
export class UnknownModelError extends AutoSwiftNetError {
  readonly models: readonly string[];

  constructor(requested: string, models: readonly string[]) {
    super(
      `there is no model ${JSON.stringify(requested.slice(0, MAX_NAME_CHARACTERS))} here. Use auto or one of ${models.join(', ')}.`,
      { code: 'unknown-model', status: 404 },
    );
    this.models = models;
  }
}
