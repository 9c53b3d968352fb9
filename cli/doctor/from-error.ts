import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
import { LOG_IN_AGAIN, serviceTrouble } from '../deployment/service-error.ts';
import { RemoteApiError } from '../remote-api.ts';
import { isExpected } from '../report-error.ts';
import type { Check } from './check.ts';
import { denied, fault, type Trouble } from './finding.ts';

const STATUS_UNAUTHORIZED = 401;
const STATUS_FORBIDDEN = 403;

/** API Gateway says so only in its message. */
const INVALID_CREDENTIALS =
  /security token included in the request is|signature expired|request signature we calculated/i;

/**
 * Says what an error of a check means, and what to do.
 * @returns null if the error is a bug of ours
 */
export function findingFromError(error: unknown, { name, actions }: Pick<Check, 'name' | 'actions'>): Trouble | null {
  const trouble = serviceTrouble(error, actions);
  if (trouble !== null) {
    const { isDenied, ...told } = trouble;
    return isDenied ? denied(told) : fault(told);
  }
  if (error instanceof DeploymentNotFoundError) {
    return fault({ expected: 'all parts can be found', found: error.found, cure: error.cure });
  }
  if (error instanceof RemoteApiError) return fromApi(error);
  if (!isExpected(error)) return null;
  const code = error instanceof AutoSwiftNetError ? ` (docs/errors.md: ${error.code})` : '';
  return fault({ expected: `${name} can be looked at`, found: error.message, cure: `Repair that${code}.` });
}

function fromApi({ message, status }: RemoteApiError): Trouble {
  if (status === STATUS_UNAUTHORIZED) {
    return denied({
      expected: 'the API accepts the token',
      found: message,
      cure: 'Get a token of the issuer in GET /health, and add --token "$TOKEN".',
    });
  }
  if (status === STATUS_FORBIDDEN && INVALID_CREDENTIALS.test(message)) {
    return fault({ expected: 'valid AWS credentials', found: message, cure: LOG_IN_AGAIN });
  }
  if (status === STATUS_FORBIDDEN) {
    return denied({
      expected: 'these AWS credentials may call the API',
      found: message,
      cure: 'Allow the role that you use execute-api:Invoke, and set AWS_REGION to the region of the API.',
    });
  }
  return fault({ expected: 'an answer of the API', found: message, cure: 'docs/errors.md says what its code means.' });
}
