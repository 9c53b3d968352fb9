import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A message of the heavy queue, received or about to be sent, is none of this version. Goes to the dead letters. */
export class HeavyMessageError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-heavy-message', status: 400, cause });
  }
}

/** A model was asked for that answers nowhere here. */
export class UnknownModelError extends AutoSwiftNetError {
  constructor(asked: string, models: readonly string[]) {
    super(
      `there is no model ${JSON.stringify(asked.slice(0, 128))} here: expected one of ${models.join(', ')}, or auto. Ask for one of them.`,
      { code: 'unknown-model', status: 404 },
    );
  }
}
