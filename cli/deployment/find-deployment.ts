import type { Deployment } from './deployment.ts';
import { DEFAULT_LOCAL_URL, openLocalDeployment } from './local-deployment.ts';

/** The options of the command line that say which deployment is meant. */
export interface DeploymentOptions {
  /** Name of a CloudFormation stack. Default: the local stack. */
  readonly stack?: string;
  /** AWS region of the stack. Default: that of the AWS configuration. */
  readonly region?: string;
  /** Address of the local stack. */
  readonly url?: URL;
}

/** @throws {DeploymentNotFoundError} */
export async function findDeployment(options: DeploymentOptions, signal: AbortSignal): Promise<Deployment> {
  const { stack, region, url = new URL(DEFAULT_LOCAL_URL) } = options;
  if (stack === undefined) return openLocalDeployment(url, signal);
  const { openStackDeployment } = await import('./stack-deployment.ts');
  return openStackDeployment(stack, region, signal);
}
