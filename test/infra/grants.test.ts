import { useAssemblies } from './assemblies.ts';
import { programsIn } from './calls/deployed-programs.ts';
import type { ProgramName } from './calls/programs.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';
import { grantsOf } from './granted-actions.ts';

const assembly = useAssemblies();

const EVERY_CONTEXT = Object.keys(CONTEXTS) as ContextName[];
const READING = ['s3:GetObject', 's3:GetObjectVersion'];
const TAGGING = [
  's3:GetObjectTagging',
  's3:GetObjectVersionTagging',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
];

/** What a program may do with the objects of the image bucket, in some configurations. */
function actionsOnPictures(program: ProgramName, contexts = EVERY_CONTEXT): string[] {
  const grants = contexts
    .flatMap((name) => programsIn(assembly(name).template))
    .filter((deployed) => deployed.program === program)
    .flatMap((deployed) => deployed.grants)
    .filter((grant) => /^s3:.*Object.* on /.test(grant) && !grant.includes('ServiceBucket'));
  return [...new Set(grants.map((grant) => grant.slice(0, grant.indexOf(' '))))].sort();
}

test('what tags pictures reads them, and changes nothing of them but their tags', () => {
  for (const program of ['tag-upload', 'backfill'] as const) {
    expect(actionsOnPictures(program)).toEqual([...READING, ...TAGGING].sort());
  }
});

test('the API function reads and stores pictures, and neither deletes nor tags them', () => {
  expect(actionsOnPictures('api')).toEqual([...READING, 's3:PutObject']);
});

test('the function of the dead letters reads no picture; without tags it may look at versions', () => {
  expect(actionsOnPictures('dead-letters', ['default'])).toEqual(TAGGING);
  expect(actionsOnPictures('dead-letters')).not.toContain('s3:GetObject');
});

test('no role has wildcard actions or resources, except where AWS offers nothing narrower', () => {
  const everywhere = EVERY_CONTEXT.flatMap((name) => grantsOf(assembly(name).template, '')).filter(
    (grant) => grant.endsWith(' on *') || /:\*| \*$|^\*/.test(grant.replace(/:execution:.*/, '')),
  );

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
