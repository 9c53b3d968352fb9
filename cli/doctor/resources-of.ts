import type { AwsStack } from '../deployment/deployment.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
import type { Visit } from './check.ts';

/** @returns the stack that a check of AWS looks at */
export function stackOf({ deployment: { aws, name } }: Pick<Visit, 'deployment'>): AwsStack {
  if (aws !== null) return aws;
  throw new DeploymentNotFoundError(`${name} is not on AWS`, 'Give the name of a stack with --stack NAME.');
}

/** Physical ids of the resources of a type. */
export function resourcesOf({ resources }: AwsStack, type: string): string[] {
  return resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
}
