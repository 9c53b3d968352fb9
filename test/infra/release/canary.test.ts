import { MAX_RECEIVE_COUNT, visibilityTimeoutSeconds } from '../../../functions/tag-upload/queue.ts';
import { onlyResource, resourcesOf, useAssemblies } from '../assemblies.ts';
import { CONTEXTS, type ContextName } from '../configurations.ts';
import { pathOf } from '../path-of.ts';

const assembly = useAssemblies();

interface Query {
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Period: number;
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: { readonly Name: string; readonly Value: unknown }[];
    };
  };
}

const canaries = (Object.keys(CONTEXTS) as ContextName[]).filter((name) => 'deployment' in CONTEXTS[name]);
const GROUPS = ['Tagging/TagUpload', 'Api/Function'] as const;

function groupOf(path: string) {
  return onlyResource(assembly('chosen').template, 'AWS::CodeDeploy::DeploymentGroup', path);
}

/** The metrics that an alarm of the canary compares, and how. */
function judge(name: string): { readonly alarm: Record<string, unknown>; readonly queries: Query[] } {
  const alarm = onlyResource(assembly('chosen').template, 'AWS::CloudWatch::Alarm', `Canary/${name}`);
  const { Namespace, MetricName, Dimensions, Period, Metrics = [] } = alarm;
  const alone = { MetricStat: { Period, Metric: { Namespace, MetricName, Dimensions } } } as Query;
  return { alarm, queries: MetricName === undefined ? (Metrics as Query[]) : [alone] };
}

test('CodeDeploy moves the aliases of the two functions with the model, only if configured', () => {
  expect(canaries).toEqual(['chosen']);
  for (const name of Object.keys(CONTEXTS) as ContextName[]) {
    const moved = resourcesOf(assembly(name).template, 'AWS::Lambda::Alias').filter(
      ({ UpdatePolicy }) => UpdatePolicy?.['CodeDeployLambdaAliasUpdate'] !== undefined,
    );

    const paths = moved.map(pathOf).sort();
    const expected = GROUPS.map((path) => `AutoSwiftNet/${path}/Alias/Resource`).sort();
    expect([name, paths]).toEqual([name, canaries.includes(name) ? expected : []]);
  }
});

test.each(GROUPS)('a new version of %s gets a tenth of the calls for ten minutes, and an alarm ends that', (path) => {
  expect(groupOf(path)).toMatchObject({
    DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent10Minutes',
    AutoRollbackConfiguration: { Enabled: true, Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']) },
    AlarmConfiguration: { Enabled: true },
  });
});

test('the alarms that judge are those of the function, of its model, and of new dead letters', () => {
  const judges = GROUPS.map((path) => {
    const { AlarmConfiguration } = groupOf(path) as { AlarmConfiguration: { Alarms: { Name: { Ref: string } }[] } };
    return AlarmConfiguration.Alarms.map(({ Name }) => Name.Ref.replace(/[0-9A-F]{8}$/, '')).sort();
  });

  expect(judges).toEqual([
    ['CanaryFailedAttempts', 'CanaryNewDeadLetters', 'CanarySelfTests', 'CanaryTaggingErrors'],
    ['CanaryApiErrors', 'CanarySelfTests'],
  ]);
});

test.each([
  ['SelfTests', 0, ['AutoSwiftNet SelfTestFailed']],
  ['TaggingErrors', 1, ['AWS/Lambda Errors', 'AWS/Lambda Invocations']],
  ['FailedAttempts', 1, ['AutoSwiftNet AttemptsFailed', 'AutoSwiftNet ImagesRejected', 'AutoSwiftNet ImagesTagged']],
  ['NewDeadLetters', 0, ['AWS/SQS NumberOfMessagesReceived']],
  ['ApiErrors', 1, ['AWS/ApiGateway 5xx', 'AWS/ApiGateway Count']],
] as const)('the alarm %s judges every minute on its own', (name, threshold, expected) => {
  const { alarm, queries } = judge(name);
  const metrics = queries.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat]));

  expect(alarm).toMatchObject({ Threshold: threshold, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
  expect(metrics.map(({ Metric }) => `${Metric.Namespace} ${Metric.MetricName}`).sort()).toEqual(expected);
  expect(new Set(metrics.map(({ Period }) => Period))).toEqual(new Set([60]));
  const ours = metrics.filter(({ Metric }) => Metric.Namespace === 'AutoSwiftNet');
  for (const { Metric } of ours) {
    expect(Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]))).toEqual({
      service: 'autoswiftnet',
      stack: 'AutoSwiftNet',
    });
  }
});

test.each([
  ['TaggingErrors', 'IF(part >= 3, 100 * part / all, 0)'],
  ['FailedAttempts', 'IF(failed >= 3, 100 * failed / (failed + FILL(tagged, 0) + FILL(rejected, 0)), 0)'],
  ['ApiErrors', 'IF(part >= 3, 100 * part / all, 0)'],
])('one or two failures in a quiet minute do not raise the alarm %s', (name, expected) => {
  expect(judge(name).queries.flatMap(({ Expression }) => Expression ?? [])).toEqual([expected]);
});

test('the dead letters that count are those of uploads', () => {
  const [query] = judge('NewDeadLetters').queries;
  const [queue] = query?.MetricStat?.Metric.Dimensions ?? [];

  expect(queue?.Value).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^UploadsDeadLetters/), 'QueueName'] });
});

test('a message meets a new version so seldom during a canary that it cannot use up its attempts', () => {
  const { DeploymentConfigName } = groupOf('Tagging/TagUpload');
  const [, minutes] = /Canary10Percent(\d+)Minutes/.exec(String(DeploymentConfigName)) ?? [];

  // A message that has failed is hidden for this long. The smallest batch has the shortest time.
  const attempts = Math.floor((Number(minutes) * 60) / visibilityTimeoutSeconds(1, 0)) + 1;

  expect(attempts).toBe(2);
  expect(attempts).toBeLessThan(MAX_RECEIVE_COUNT);
});

test('instances of the API function are always started only if configured, and behind the alias', () => {
  const aliasOf = (name: ContextName) => onlyResource(assembly(name).template, 'AWS::Lambda::Alias', 'Api/Function');

  expect(aliasOf('page')).toMatchObject({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } });
  expect(aliasOf('default')).not.toHaveProperty('ProvisionedConcurrencyConfig');
});
