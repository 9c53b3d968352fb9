/** A role that a service of AWS creates for itself, once for each account. */
export interface ServiceLinkedRole {
  readonly name: string;
  /** The service, as `aws iam create-service-linked-role --aws-service-name` takes it. */
  readonly service: string;
  /** Key of the configuration without which the stack does not need the role. */
  readonly neededFor: 'gpu' | 'gpuSpot' | 'domainName';
  /** What the service does with the role. */
  readonly purpose: string;
}

/**
 * The service-linked roles that a stack needs. A service creates its role when it is first used,
 * but not always in time. The first cluster of an account can fail with "Unable to assume the
 * service linked role" (https://github.com/aws/amazon-ecs-cli/issues/733), and what starts machines
 * may not be allowed to create the role for Spot (https://github.com/dstackai/dstack/issues/886).
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
 */
export const SERVICE_LINKED_ROLES: readonly ServiceLinkedRole[] = [
  {
    name: 'AWSServiceRoleForECS',
    service: 'ecs.amazonaws.com',
    neededFor: 'gpu',
    purpose: 'runs the cluster',
  },
  {
    name: 'AWSServiceRoleForECSCompute',
    service: 'ecs-compute.amazonaws.com',
    neededFor: 'gpu',
    purpose: 'stops the machines',
  },
  {
    name: 'AWSServiceRoleForApplicationAutoScaling_ECSService',
    service: 'ecs.application-autoscaling.amazonaws.com',
    neededFor: 'gpu',
    purpose: 'changes the number of tasks',
  },
  {
    name: 'AWSServiceRoleForEC2Spot',
    service: 'spot.amazonaws.com',
    neededFor: 'gpuSpot',
    purpose: 'starts Spot instances',
  },
  {
    name: 'AWSServiceRoleForAPIGateway',
    service: 'ops.apigateway.amazonaws.com',
    neededFor: 'domainName',
    purpose: 'serves a domain name',
  },
];

/** Returns the command that creates a role. Where the role exists it fails, which does no harm. */
export function createRoleCommand({ service }: ServiceLinkedRole): string {
  return `aws iam create-service-linked-role --aws-service-name ${service}`;
}
