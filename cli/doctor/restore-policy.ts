import { deployAgain } from '../deployment/deploy-again.ts';
import type { AwsStack } from '../deployment/deployment.ts';

/**
 * Says how to get back a policy that the stack once set. CloudFormation changes only what it
 * believes to be different.
 */
export function restorePolicy({ name, region }: AwsStack): string {
  return `${deployAgain(name)}. If CloudFormation sees no difference, name it: aws cloudformation detect-stack-drift --stack-name ${name} --region ${region}, and set the policy that infra/parts/allow-service.ts writes.`;
}
