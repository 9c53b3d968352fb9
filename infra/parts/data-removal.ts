import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * What happens to the user's data when the stack is deleted. What a failed first deployment has
 * created goes also if data is kept: it is empty, and would be in the way of the next try.
 */
export function dataRemovalPolicy(keepData: boolean): RemovalPolicy {
  return keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
