import { GetRoleCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import {
  createRoleCommand,
  SERVICE_LINKED_ROLES,
  type ServiceLinkedRole,
} from '../../../functions/service-linked-roles.ts';
import type { AwsStack } from '../../deployment/deployment.ts';
import type { Check } from '../check.ts';
import { type Finding, fault, sound } from '../finding.ts';
import { stackOf } from '../resources-of.ts';

/** Whether a stack has what a key of the configuration brings. */
const HAS: Readonly<Record<ServiceLinkedRole['neededFor'], (stack: AwsStack) => boolean>> = {
  gpu: ({ gpuMachines }) => gpuMachines !== null,
  gpuSpot: ({ gpuMachines }) => gpuMachines === 'spot',
  domainName: ({ resources }) => resources.some(({ type }) => type === 'AWS::ApiGatewayV2::DomainName'),
};

/** The roles exist that services of AWS create for themselves, but not always in time. */
export const roles: Check = {
  name: 'roles',
  actions: ['iam:GetRole'],
  async run(visit) {
    const stack = stackOf(visit);
    const needed = SERVICE_LINKED_ROLES.filter(({ neededFor }) => HAS[neededFor](stack));
    // IAM is global, and its client needs some region nevertheless.
    const iam = new IAMClient({ region: stack.region });
    try {
      const missing = await Promise.all(needed.map((role) => missingRole(iam, role, visit.signal)));
      const faults = missing.filter((finding) => finding !== null);
      return faults.length > 0 ? faults : sound(`${needed.length} roles of AWS services are needed, and exist`);
    } finally {
      iam.destroy();
    }
  },
};

async function missingRole(iam: IAMClient, role: ServiceLinkedRole, signal: AbortSignal): Promise<Finding | null> {
  try {
    await iam.send(new GetRoleCommand({ RoleName: role.name }), { abortSignal: signal });
    return null;
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error;
    return fault({
      expected: `the role ${role.name}, with which ${role.service} ${role.purpose}`,
      found: 'it does not exist',
      cure: createRoleCommand(role),
    });
  }
}
