import { useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';
import { grantsOf } from './granted-actions.ts';

const assembly = useAssemblies();

test('no role has wildcard actions or resources, except where AWS offers nothing narrower', () => {
  const everywhere = (Object.keys(CONTEXTS) as ContextName[])
    .flatMap((name) => grantsOf(assembly(name).template, ''))
    .filter((grant) => grant.endsWith(' on *') || /:\*| \*$|^\*/.test(grant.replace(/:execution:.*/, '')));

  expect([...new Set(everywhere)].sort()).toEqual([
    'ecr:GetAuthorizationToken on *',
    'ecs:DiscoverPollEndpoint on *',
    // The delivery of Step Functions' logs.
    'logs:CreateLogDelivery on *',
    'logs:DeleteLogDelivery on *',
    'logs:DescribeLogGroups on *',
    'logs:DescribeResourcePolicies on *',
    'logs:GetLogDelivery on *',
    'logs:ListLogDeliveries on *',
    'logs:PutResourcePolicy on *',
    'logs:UpdateLogDelivery on *',
    'xray:GetSamplingRules on *',
    'xray:GetSamplingTargets on *',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});
