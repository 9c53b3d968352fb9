import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../../cli/deployment/deployment.ts';
import { deploymentFromOutputs } from '../../../cli/deployment/from-outputs.ts';
import { functionLogs } from '../../../cli/doctor/function-logs.ts';
import { type Template, useAssemblies } from '../../infra/assemblies.ts';
import { CONTEXTS, type ContextName } from '../../infra/configurations.ts';
import { useConstructs } from '../../infra/construct-assemblies.ts';

const assembly = useAssemblies();
const constructs = useConstructs();

/** A stack as CloudFormation would tell of it once the template is deployed. */
function deployed({ Outputs, Resources }: Template, service?: string): Deployment {
  const region = { region: 'eu-west-1' };
  return deploymentFromOutputs({
    outputs: Object.fromEntries(Object.entries(Outputs).map(([key, { Value }]) => [key, resolve(Value)])),
    aws: {
      ...{ name: 'Photos', status: 'CREATE_COMPLETE', region: 'eu-west-1' },
      resources: Object.entries(Resources).map(([logicalId, { Type }]) => ({
        ...{ logicalId, type: Type, physicalId: `Photos-${logicalId}` },
      })),
    },
    service,
    clients: {
      s3: new S3Client(region),
      sqs: new SQSClient(region),
      sns: new SNSClient(region),
      dynamodb: new DynamoDBClient(region),
    },
  });
}

/** Stands for what CloudFormation puts in the place of a reference. */
function resolve(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = ['', '']] = Object.entries(value as Record<string, unknown>);
  if (kind === 'Fn::Join') return ((argument as [string, unknown[]])[1] ?? []).map(resolve).join('');
  const logicalId = String(argument);
  return /Queue|DeadLetters|Parked/.test(logicalId) ? `https://sqs.example/0/${logicalId}` : 'x';
}

test.each(Object.keys(CONTEXTS) as ContextName[])('the outputs of %s lead to its parts and logs', (name) => {
  const deployment = deployed(assembly(name).template);

  const hasGpu = deployment.aws?.resources.some(({ type }) => type === 'AWS::ECS::Cluster');
  expect(deployment.queues.map((queue) => queue.name)).toEqual(hasGpu ? ['uploads', 'heavy'] : ['uploads']);
  expect(deployment.aws?.backfill).toEqual({
    stateMachineArn: 'x',
    functionName: 'x',
    serviceBucket: 'x',
    concurrency: expect.any(Number),
  });
  expect(deployment.parkedUrl).toMatch(/UploadsParked/);
  for (const program of ['tagging', 'api', ...(hasGpu ? (['heavy'] as const) : [])] as const) {
    expect(functionLogs(deployment, program)).toMatch(/aws logs tail x /);
  }
  const machines = CONTEXTS[name] as { readonly gpuSpot?: boolean };
  expect(deployment.aws).toMatchObject({
    service: '',
    gpuMachines: hasGpu ? (machines.gpuSpot === true ? 'spot' : 'on-demand') : null,
    watched: { prefix: '', suffix: '', source: 'notifications' },
  });
});

test('of two services in a stack one must be named, and each leads to its own parts', () => {
  const template = constructs('alike').template('Ireland');

  expect(() => deployed(template)).toThrow(
    'the stack Photos has several services: One, Two. Say which one is meant: --service One',
  );
  expect(() => deployed(template, 'Three')).toThrow('the stack Photos has no service Three. It has One, Two.');
  const [one, two] = ['One', 'Two'].map((service) => deployed(template, service));
  expect(one).toMatchObject({
    name: 'One in the stack Photos',
    option: ' --stack Photos --region eu-west-1 --service One',
    apiUrl: expect.any(URL),
    parkedUrl: expect.stringMatching(/OneUploadsParked/),
    aws: { service: 'One', gpuMachines: 'on-demand', backfill: { stateMachineArn: 'x' } },
  });
  expect(two?.queues).toEqual([
    {
      name: 'uploads',
      url: expect.stringMatching(/TwoUploadsQueue/),
      deadLettersUrl: expect.stringMatching(/TwoUploadsDeadLetters/),
    },
    expect.objectContaining({ name: 'heavy', url: expect.stringMatching(/TwoHeavyQueue/) }),
  ]);
});

test('the only service of a stack needs no name, and is told by what it has', () => {
  const buckets = deployed(constructs('buckets').template('Buckets'));
  const own = deployed(constructs('buckets').template('OwnByEventBridge'));

  expect(buckets).toMatchObject({
    option: ' --stack Photos --region eu-west-1',
    aws: { service: 'Tagging', watched: { prefix: 'in/', suffix: '.jpg', source: 'notifications' } },
  });
  expect(own).toMatchObject({
    apiUrl: null,
    aws: { backfill: null, gpuMachines: null, watched: { source: 'event-bridge' } },
  });
});

test('a service whose outputs are turned off is not found, and its stack has none', () => {
  const { Outputs } = constructs('buckets').template('Encrypted');

  expect(Object.keys(Outputs ?? {}).filter((name) => name.startsWith('Tagging'))).toEqual([]);
  expect(() => deployed({ ...constructs('buckets').template('Encrypted'), Outputs: {} })).toThrow(
    'the stack Photos has no output ImageBucket, RecordsTable, ResultsTopic',
  );
});
