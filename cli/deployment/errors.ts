import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** There is no such stack or local stack, or its parts cannot be found. */
export class DeploymentNotFoundError extends AutoSwiftNetError {
  /** @param cure what to do, as a sentence */
  constructor(
    message: string,
    readonly cure: string,
    cause?: unknown,
  ) {
    super(`${message}. ${cure}`, { code: 'deployment-not-found', status: 404, cause });
  }
}
