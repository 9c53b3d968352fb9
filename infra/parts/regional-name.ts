import { Aws, Names } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** No region's name is longer. The longest are of the form `ap-southeast-1`. */
const MAX_REGION_LENGTH = 16;

/**
 * Makes a name that ends with the region. The names of roles, instance profiles and CloudFront's
 * policies are global in an account: without the region, the same stack in a second region fails.
 * @param maxLength of the name, in characters
 * @example regionalName(this, 64)
 * // AutoSwiftNetPageDistribution1A2B3C4D-eu-west-1
 */
export function regionalName(construct: IConstruct, maxLength: number, prefix = ''): string {
  const rest = Names.uniqueResourceName(construct, { maxLength: maxLength - prefix.length - 1 - MAX_REGION_LENGTH });
  return `${prefix}${rest}-${Aws.REGION}`;
}
