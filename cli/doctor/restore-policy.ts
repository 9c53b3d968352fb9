/**
 * Says how to get back a policy that the stack once set. CloudFormation changes only what it
 * believes to be different.
 */
export function restorePolicy(stack: string): string {
  return `Deploy again: npx cdk deploy ${stack}. If CloudFormation sees no difference, name it: aws cloudformation detect-stack-drift --stack-name ${stack}, and set the policy that infra/allow-service.ts writes.`;
}
