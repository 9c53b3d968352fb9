import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { LOOPBACK } from '../use-proxy.ts';

/** A service of AWS refused a call or did not answer, or there are no valid credentials. */
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
  /** What Node adds if there was no answer. */
  readonly code?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

/** The services have different names for one thing. */
const DENIED =
  /^(AccessDenied|AccessDeniedException|AuthorizationError|AuthorizationErrorException|UnauthorizedOperation|Forbidden)$/;

/**
 * Credentials that are not, or no longer, valid. Each protocol has its own names:
 * docs.aws.amazonaws.com, "Common error types" of each API, and "Error responses" of S3.
 */
const INVALID_CREDENTIALS =
  /^(ExpiredToken|ExpiredTokenException|InvalidToken|InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|IncompleteSignatureException|MissingAuthenticationToken|MissingAuthenticationTokenException|AuthFailure|RequestExpired|RequestTimeTooSkewed)$/;

/** A signature is valid for minutes, so a wrong clock spoils it, too. */
export const LOG_IN_AGAIN =
  'Log in again (aws sso login, or aws configure), or set AWS_PROFILE. If that changes nothing, check the clock of this machine.';

/** Node's codes of a network, a name or a port that is not there. */
const UNREACHABLE = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)$/;

/** Those where no connection was made. */
const NOBODY_THERE = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)$/;

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
  if (INVALID_CREDENTIALS.test(error.name)) {
    return {
      isDenied: false,
      expected: 'valid AWS credentials',
      found: `${error.name}: ${error.message}`,
      cure: LOG_IN_AGAIN,
    };
  }
  if (UNREACHABLE.test(error.code ?? '')) return unreachable(error);
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

/** Tells whether a call was refused for what it asked (4xx), or found nobody: it did nothing. */
export function hasChangedNothing(error: unknown): boolean {
  if (!(error instanceof Error && isServiceError(error))) return false;
  const status = error.$metadata.httpStatusCode ?? 0;
  return (status >= 400 && status < 500) || NOBODY_THERE.test(error.code ?? '');
}

function unreachable({ message, hostname, address, port }: ServiceError): ServiceTrouble {
  const host = hostname ?? address;
  const where = [host, port].filter((part) => part !== undefined).join(':');
  return {
    isDenied: false,
    expected: 'an answer of the service',
    found: `nothing answers at ${where || 'the address of the service'}: ${message}`,
    cure: LOOPBACK.includes(host ?? '')
      ? 'The local stack has stopped. Start it again: npx autoswiftnet start'
      : "Check the network, and the region's name (--region, or AWS_REGION).",
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
