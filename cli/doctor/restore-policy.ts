import { deployAgain } from '../deployment/deploy-again.ts';
import type { AwsStack } from '../deployment/deployment.ts';

/**
 * Says how to get back a policy that the stack once set. CloudFormation changes only what it
 * believes to be different.
 */
export function restorePolicy(stack: AwsStack): string {
  const { name, region } = stack;
  return `${deployAgain(stack)}. If CloudFormation sees no difference, name it: aws cloudformation detect-stack-drift --stack-name ${name} --region ${region}, and set the policy that infra/parts/allow-service.ts writes.`;
}
