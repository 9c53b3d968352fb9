import { AutoSwiftNetError } from '../classifier/errors.ts';

/** Settings (environment variables, command-line options) that cannot be used. All faults in one message. */
export class ConfigurationError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-configuration', status: 500, cause });
  }
}
