import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A requested name is cut to this length in the message. */
const MAX_NAME_CHARACTERS = 128;

/**
 * A message of the heavy queue is not a request that this version can read or send. A received one
 * goes to the dead letters.
 */
export class HeavyMessageError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-heavy-message', status: 400, cause });
  }
}

/** The requested model does not exist here. `models` are the names that do. */
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
