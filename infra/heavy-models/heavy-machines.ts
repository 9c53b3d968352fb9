import { Size, Stack } from 'aws-cdk-lib';
import { AcceleratorManufacturer, AcceleratorType } from 'aws-cdk-lib/aws-ec2';
import {
  CapacityOptionType,
  CfnCapacityProvider,
  type Cluster,
  ManagedInstancesCapacityProvider,
  PropagateManagedInstancesTags,
} from 'aws-cdk-lib/aws-ecs';
import { CfnInstanceProfile, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import { regionalName } from '../parts/regional-name.ts';
import type { HeavyNetwork } from './heavy-network.ts';
import type { HeavySettings } from './settings.ts';

/** The smallest machines have 4 vCPUs and 16 GiB. */
const MACHINE = { vCpus: 4, memoryGib: 16 } as const;

/**
 * A machine without a task is stopped after this long. Requests that come earlier find a machine
 * that has the image. ECS takes 0 to 3600 s.
 */
const MACHINE_IDLE_SECONDS = 300;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ROLE_NAME_LENGTH = 64;

/** Space for an image of about 5 GB, the packages, and the system. */
const DISK_GIB = 80;

/** Findings on the roles that the CDK creates for managed instances. */
const INFRASTRUCTURE_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]';

/**
 * Adds the GPU machines, which ECS starts and stops. ECS cannot turn machines on demand into Spot
 * instances or back, so each kind is a resource of its own: a switch creates the new kind, and then
 * removes the old one.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCapacityProvider.html
 */
export function addMachines(
  scope: Construct,
  cluster: Cluster,
  network: HeavyNetwork,
  { gpuSpot, gpuInstanceTypes }: HeavySettings,
): ManagedInstancesCapacityProvider {
  const provider = new ManagedInstancesCapacityProvider(scope, gpuSpot ? 'SpotMachines' : 'Machines', {
    subnets: network.subnets,
    securityGroups: [network.machines],
    taskVolumeStorage: Size.gibibytes(DISK_GIB),
    capacityOptionType: gpuSpot ? CapacityOptionType.SPOT : CapacityOptionType.ON_DEMAND,
    instanceRequirements: {
      vCpuCountMin: MACHINE.vCpus,
      memoryMin: Size.gibibytes(MACHINE.memoryGib),
      acceleratorTypes: [AcceleratorType.GPU],
      acceleratorManufacturers: [AcceleratorManufacturer.NVIDIA],
      acceleratorCountMin: 1,
      allowedInstanceTypes: [...gpuInstanceTypes],
    },
    // The machines are most of the costs. Whoever tells costs apart by tags must see them.
    propagateTags: PropagateManagedInstancesTags.CAPACITY_PROVIDER,
  });
  cluster.addManagedInstancesCapacityProvider(provider);
  nameByRegion(provider);
  const resource = provider.node.findAll().find((child) => child instanceof CfnCapacityProvider);
  if (resource === undefined) throw new TypeError('the capacity provider has no CfnCapacityProvider');
  const optimization = 'ManagedInstancesProvider.InfrastructureOptimization';
  resource.addPropertyOverride(`${optimization}.ScaleInAfter`, MACHINE_IDLE_SECONDS);
  const machines = Stack.of(scope).formatArn({ service: 'ecs', resource: 'container-instance', resourceName: '*' });
  acknowledge(provider, {
    [INFRASTRUCTURE_POLICY]: 'AWS maintains the list of permissions that ECS needs to start and stop machines.',
    'AwsSolutions-IAM5[Resource::*]':
      'The role of the machines discovers endpoints and gets an ECR token; these actions cannot be limited to a resource.',
    [wildcardResource(scope, machines)]: 'ECS chooses the names under which machines register.',
  });
  return provider;
}

/**
 * Gives the machines' role and instance profile names with the region. ECS may pass only what
 * begins with `ecsInstanceRole`, so CloudFormation cannot choose the names:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
 */
function nameByRegion(provider: ManagedInstancesCapacityProvider): void {
  const name = regionalName(provider, MAX_ROLE_NAME_LENGTH, 'ecsInstanceRole');
  const [role, profile] = ['InstanceRole', 'InstanceProfile'].map(
    (id) => provider.node.findChild(id).node.defaultChild,
  );
  if (!(role instanceof CfnRole && profile instanceof CfnInstanceProfile)) {
    throw new TypeError('the machines have no role or instance profile of the CDK');
  }
  role.roleName = name;
  profile.instanceProfileName = name;
}
