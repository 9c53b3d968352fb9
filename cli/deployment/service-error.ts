import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A service of AWS refused a call, or there are no credentials. */
export class ServiceRefusedError extends AutoSwiftNetError {
  constructor(message: string, cause: unknown) {
    super(message, { code: 'service-refused', status: 502, cause });
  }
}

/** What an error of a service means. */
export interface ServiceTrouble {
  readonly isDenied: boolean;
  readonly expected: string;
  readonly found: string;
  readonly cure: string;
}

/** What the AWS SDK adds to the errors of services. */
interface ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** The services have different names for one thing. */
const DENIED =
  /^(AccessDenied|AccessDeniedException|AuthorizationError|AuthorizationErrorException|UnauthorizedOperation|Forbidden)$/;

/** IAM's messages name the action: `… is not authorized to perform: sqs:GetQueueAttributes on …` */
const ACTION = /\bperform: ([\w-]+:\w+)/;

const STATUS_FORBIDDEN = 403;

/**
 * Says what an error of the AWS SDK means, and what to do.
 * @param actions the IAM actions one of which was tried; the error may name it
 * @returns null for any other error
 */
export function serviceTrouble(error: unknown, actions: readonly string[]): ServiceTrouble | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'CredentialsProviderError') {
    return {
      isDenied: false,
      expected: 'AWS credentials',
      found: error.message,
      cure: 'Log in (aws sso login, or aws configure), or set AWS_PROFILE.',
    };
  }
  if (!isServiceError(error)) return null;
  if (DENIED.test(error.name) || error.$metadata.httpStatusCode === STATUS_FORBIDDEN) {
    const action = ACTION.exec(error.message)?.[1] ?? actions.join(', ');
    return {
      isDenied: true,
      expected: `permission for ${action}`,
      found: `access denied: ${error.message}`,
      cure: `Allow the role that you use ${action}, or use another role (AWS_PROFILE), and run this again.`,
    };
  }
  return {
    isDenied: false,
    expected: 'an answer of the service',
    found: `${error.name}: ${error.message}`,
    cure: 'If the service is busy, run this again. If the part does not exist, deploy the stack again.',
  };
}

/**
 * Runs something that calls services of AWS.
 * @throws {ServiceRefusedError} in place of the SDK's own errors
 */
export async function callingServices<Result>(actions: readonly string[], run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const trouble = serviceTrouble(error, actions);
    if (trouble === null) throw error;
    throw new ServiceRefusedError(`${trouble.found}. ${trouble.cure}`, error);
  }
}

function isServiceError(error: Error): error is ServiceError {
  return '$metadata' in error;
}
