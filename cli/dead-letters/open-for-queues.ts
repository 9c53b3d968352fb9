import type { Deployment } from '../deployment/deployment.ts';
import { type DeploymentOptions, findDeployment } from '../deployment/find-deployment.ts';
import { callingServices } from '../deployment/service-error.ts';

export interface QueueOptions extends DeploymentOptions {
  /** Name of the only queue to look at. Default: all. */
  readonly queue?: string;
}

/** As long as a check of the doctor. */
const FIND_SECONDS = 60;

/**
 * Finds the deployment whose queues are meant.
 * @throws {DeploymentNotFoundError}
 * @throws {ServiceRefusedError}
 */
export function openForQueues(options: QueueOptions): Promise<Deployment> {
  return callingServices(['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'], () =>
    findDeployment(options, { seconds: FIND_SECONDS }),
  );
}
