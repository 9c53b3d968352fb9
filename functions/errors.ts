import { AutoSwiftNetError } from '../classifier/errors.ts';

/**
 * Settings (environment variables, command-line options) that cannot be used. The message names all
 * faults.
 */
export class ConfigurationError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-configuration', status: 500, cause });
  }
}
