import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Check } from '../check.ts';
import { type Finding, fault, skipped, sound } from '../finding.ts';
import { stackOf } from '../resources-of.ts';

/** The smallest machines that the stack may start have four vCPUs. */
const MACHINE_VCPUS = 4;

/**
 * vCPUs of all G and VT machines that run at the same time. On demand and Spot are counted apart,
 * and a new account may have 0 of each.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
 */
const QUOTAS = {
  onDemand: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
  spot: { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
} as const;

/** The account may start a GPU machine. */
export const gpuQuota: Check = {
  name: 'gpu-quota',
  actions: ['servicequotas:GetServiceQuota'],
  async run(visit) {
    const stack = stackOf(visit);
    if (stack.gpuMachines === null) return skipped('the stack has no GPU part');
    const { code, name } = stack.gpuMachines === 'spot' ? QUOTAS.spot : QUOTAS.onDemand;
    const client = new ServiceQuotasClient({ region: stack.region });
    try {
      const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code }), {
        abortSignal: visit.signal,
      });
      return toFinding(Quota?.Value ?? 0, code, name, stack.region);
    } finally {
      client.destroy();
    }
  },
};

function toFinding(vCpus: number, code: string, name: string, region: string): Finding {
  const found = `${name}: ${vCpus} vCPUs`;
  if (vCpus >= MACHINE_VCPUS) return sound(found);
  return fault({
    expected: `at least ${MACHINE_VCPUS} vCPUs, for one GPU machine`,
    found,
    cure: `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${code} --desired-value ${2 * MACHINE_VCPUS} --region ${region}. Or deploy without the GPU part: -c gpu=false`,
  });
}
