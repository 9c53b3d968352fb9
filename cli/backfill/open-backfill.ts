import { SFNClient } from '@aws-sdk/client-sfn';
import { deployAgain } from '../deployment/deploy-again.ts';
import { type BackfillParts, closeDeployment, type Deployment } from '../deployment/deployment.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
import { findDeployment } from '../deployment/find-deployment.ts';
import { callingServices } from '../deployment/service-error.ts';

/** The options that say whose backfill is meant. */
export interface StackOptions {
  readonly stack: string;
  readonly region?: string;
  /** Which service of the stack. Default: the only one. */
  readonly service?: string;
}

/** A stack on AWS, and what its backfill consists of. */
export interface Backfill extends BackfillParts {
  readonly deployment: Deployment;
  /** What names the stack on the command line: ` --stack NAME --region R`. */
  readonly option: string;
  readonly region: string;
  readonly sfn: SFNClient;
  close(): void;
}

/** What a stack with a backfill of this version has. */
const OUTPUTS = ['BackfillStateMachineArn', 'BackfillFunction', 'BackfillConcurrency', 'ServiceBucket'] as const;

/** As long as the other commands that look for a stack. */
const FIND_SECONDS = 60;

/**
 * Finds a stack and its backfill.
 * @throws {DeploymentNotFoundError} when there is no such stack, or it is of a version without one
 * @throws {ServiceRefusedError}
 */
export async function openBackfill(options: StackOptions): Promise<Backfill> {
  const deployment = await callingServices(['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'], () =>
    findDeployment(options, { seconds: FIND_SECONDS }),
  );
  const { aws } = deployment;
  if (!aws?.backfill) {
    closeDeployment(deployment);
    const service = aws?.service ?? '';
    throw new DeploymentNotFoundError(
      `${deployment.name} has no backfill: it lacks the outputs ${OUTPUTS.map((name) => `${service}${name}`).join(', ')}`,
      service === ''
        ? `Use this version for the stack. ${deployAgain({ name: options.stack, service })}.`
        : `Add a Backfill to it, and do not turn off its outputs. ${deployAgain({ name: options.stack, service })}.`,
    );
  }
  const sfn = new SFNClient({ region: aws.region });
  return {
    deployment,
    option: deployment.option,
    region: aws.region,
    ...aws.backfill,
    sfn,
    close() {
      sfn.destroy();
      closeDeployment(deployment);
    },
  };
}
