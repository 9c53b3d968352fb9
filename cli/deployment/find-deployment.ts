import type { Deployment } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';
import { DEFAULT_LOCAL_URL, openLocalDeployment } from './local-deployment.ts';

/** The options of the command line that say which deployment is meant. */
export interface DeploymentOptions {
  /** Name of a CloudFormation stack. Default: the local stack. */
  readonly stack?: string;
  /** AWS region of the stack. Default: that of the AWS configuration. */
  readonly region?: string;
  /** Which service of the stack. Default: the only one. */
  readonly service?: string;
  /** Address of the local stack. */
  readonly url?: URL;
}

/** How long the search may take. */
export interface Patience {
  readonly seconds: number;
  /** Ends the search early, with the reason of the signal. */
  readonly interrupted?: AbortSignal;
}

/** @throws {DeploymentNotFoundError} when there is none, or no answer came in time */
export async function findDeployment(
  options: DeploymentOptions,
  { seconds, interrupted }: Patience,
): Promise<Deployment> {
  const timeout = AbortSignal.timeout(1000 * seconds);
  try {
    return await open(options, interrupted === undefined ? timeout : AbortSignal.any([interrupted, timeout]));
  } catch (cause) {
    if (!timeout.aborted || interrupted?.aborted) throw cause;
    throw noAnswer(options, seconds, cause);
  }
}

async function open(options: DeploymentOptions, signal: AbortSignal): Promise<Deployment> {
  const { stack, url } = options;
  if (stack === undefined) return openLocalDeployment(url ?? new URL(DEFAULT_LOCAL_URL), signal);
  const { openStackDeployment } = await import('./stack-deployment.ts');
  return openStackDeployment(stack, options, signal);
}

function noAnswer({ stack, region, url }: DeploymentOptions, seconds: number, cause: unknown): DeploymentNotFoundError {
  if (stack === undefined) {
    return new DeploymentNotFoundError(
      `${url?.origin ?? DEFAULT_LOCAL_URL} gave no answer in ${seconds} s`,
      'Check that the local stack listens there (--url), and restart it: npx autoswiftnet start',
      cause,
    );
  }
  const where = region ?? process.env['AWS_REGION'] ?? 'the region of the AWS configuration';
  return new DeploymentNotFoundError(
    `CloudFormation in ${where} gave no answer in ${seconds} s about the stack ${stack}`,
    'Check the network, the proxy and the name of the region (--region).',
    cause,
  );
}
