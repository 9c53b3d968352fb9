import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../../cli/deployment/deployment.ts';
import { deploymentFromOutputs } from '../../../cli/deployment/from-outputs.ts';
import { functionLogs } from '../../../cli/doctor/function-logs.ts';
import { useAssemblies } from '../../infra/assemblies.ts';
import { CONTEXTS, type ContextName } from '../../infra/configurations.ts';

const assembly = useAssemblies();

/** A stack as CloudFormation would tell of it once the template is deployed. */
function deployed(name: ContextName): Deployment {
  const { Outputs, Resources } = assembly(name).template;
  const region = { region: 'eu-west-1' };
  return deploymentFromOutputs({
    outputs: Object.fromEntries(Object.entries(Outputs).map(([key, { Value }]) => [key, resolve(Value)])),
    aws: {
      ...{ name: 'Photos', status: 'CREATE_COMPLETE', region: 'eu-west-1' },
      resources: Object.entries(Resources).map(([logicalId, { Type }]) => ({
        ...{ logicalId, type: Type, physicalId: `Photos-${logicalId}` },
      })),
    },
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
  const deployment = deployed(name);

  const hasGpu = deployment.aws?.resources.some(({ type }) => type === 'AWS::ECS::Cluster');
  expect(deployment.queues.map((queue) => queue.name)).toEqual(hasGpu ? ['uploads', 'heavy'] : ['uploads']);
  expect(deployment.aws?.backfill).toEqual({
    stateMachineArn: 'x',
    serviceBucket: 'x',
    concurrency: expect.any(Number),
  });
  expect(deployment.parkedUrl).toMatch(/UploadsParked/);
  for (const construct of ['TagUpload', 'ApiFunction', ...(hasGpu ? ['HeavyLogs'] : [])]) {
    expect(functionLogs(deployment, construct)).toMatch(new RegExp(`aws logs tail Photos-\\w*${construct}\\w* `));
  }
});
