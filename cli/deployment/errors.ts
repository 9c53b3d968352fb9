import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** There is no such stack or local stack, or its parts cannot be found. */
export class DeploymentNotFoundError extends AutoSwiftNetError {
  /**
   * @param found what is wrong, without the full stop
   * @param cure what to do, as a sentence
   */
  constructor(
    readonly found: string,
    readonly cure: string,
    cause?: unknown,
  ) {
    super(`${found}. ${cure}`, { code: 'deployment-not-found', status: 404, cause });
  }
}
