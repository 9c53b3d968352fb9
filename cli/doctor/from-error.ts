import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
import { RemoteApiError } from '../remote-api.ts';
import { isExpected } from '../report-error.ts';
import type { Check } from './check.ts';
import { fault, type Trouble, warning } from './finding.ts';

/** What the AWS SDK adds to the errors of services. */
interface ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** The services have different names for one thing. */
const DENIED =
  /^(AccessDenied|AccessDeniedException|AuthorizationError|AuthorizationErrorException|UnauthorizedOperation|Forbidden|403)$/;

/** IAM's messages name the action: `… is not authorized to perform: sqs:GetQueueAttributes on …` */
const ACTION = /\bperform: ([\w-]+:\w+)/;

const STATUS_UNAUTHORIZED = 401;
const STATUS_FORBIDDEN = 403;

/**
 * Says what an error of a check means, and what to do.
 * @returns null if the error is a bug of ours
 */
export function findingFromError(error: unknown, { name, actions }: Pick<Check, 'name' | 'actions'>): Trouble | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof DeploymentNotFoundError) {
    return fault({ expected: 'all parts can be found', found: error.message, cure: error.cure });
  }
  if (error instanceof RemoteApiError) return fromApi(error);
  if (error.name === 'CredentialsProviderError') {
    return fault({
      expected: 'AWS credentials',
      found: error.message,
      cure: 'Log in (aws sso login, or aws configure), or set AWS_PROFILE.',
    });
  }
  if (isServiceError(error)) return fromService(error, actions);
  if (!isExpected(error)) return null;
  const code = error instanceof AutoSwiftNetError ? ` (docs/errors.md: ${error.code})` : '';
  return fault({ expected: `${name} can be looked at`, found: error.message, cure: `Repair that${code}.` });
}

function fromApi({ message, status }: RemoteApiError): Trouble {
  if (status === STATUS_UNAUTHORIZED) {
    return warning({
      expected: 'the API accepts the token',
      found: message,
      cure: 'Get a token of the issuer in GET /health, and add --token "$TOKEN".',
    });
  }
  if (status === STATUS_FORBIDDEN) {
    return warning({
      expected: 'these AWS credentials may call the API',
      found: message,
      cure: 'Allow the role that you use execute-api:Invoke, and set AWS_REGION to the region of the API.',
    });
  }
  return fault({ expected: 'an answer of the API', found: message, cure: 'docs/errors.md says what its code means.' });
}

function fromService(error: ServiceError, actions: readonly string[]): Trouble {
  if (DENIED.test(error.name) || error.$metadata.httpStatusCode === STATUS_FORBIDDEN) {
    const action = ACTION.exec(error.message)?.[1] ?? actions.join(', ');
    return warning({
      expected: `permission for ${action}`,
      found: `access denied: ${error.message}`,
      cure: `Allow the role that you use ${action}, or use another one (AWS_PROFILE), and run doctor again.`,
    });
  }
  return fault({
    expected: 'an answer of the service',
    found: `${error.name}: ${error.message}`,
    cure: 'If the service is busy, run doctor again. Otherwise the part does not exist: deploy the stack again.',
  });
}

function isServiceError(error: Error): error is ServiceError {
  return '$metadata' in error;
}
