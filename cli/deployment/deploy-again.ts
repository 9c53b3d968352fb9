import type { AwsStack } from './deployment.ts';

/**
 * That of `infra/configuration/configuration.ts`, which the npm package lacks. A test compares the
 * two.
 */
const DEFAULT_STACK_NAME = 'AutoSwiftNet';

/** The `-c` key with which `infra/` finds a stack, after a space. The default name needs none. */
export function stackKey(stack: string): string {
  return stack === DEFAULT_STACK_NAME ? '' : ` -c stackName=${stack}`;
}

/**
 * Says how to deploy a stack again. A key that is left out goes back to its default. A stack that
 * has a service with a name is of an app of somebody's own.
 * @returns a sentence without its full stop
 */
export function deployAgain({ name, service }: Pick<AwsStack, 'name' | 'service'>): string {
  if (service !== '') return `Deploy your app again: npx cdk deploy ${name}`;
  return `Deploy again with the -c keys of the last time: npx cdk deploy${stackKey(name)} …`;
}
