import { devNull } from 'node:os';
import { CreateTopicCommand, SetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../../cli/deployment/deployment.ts';
import { ACCOUNT, queueArn, REGION, topicArn, UPLOADS_QUEUE } from '../../../local/names.ts';
import type { Stack } from '../../../local/stack.ts';
import type { FakeAccount } from './fake-account.ts';

export const MAPPING = '91eaeb7e-c976-1234-9451-8709db01f137';
export const ALARMS_TOPIC = topicArn('Photos-Alarms');

/** Services that the fake account stands for. The local Lambda knows too little. */
const FAKES = ['CLOUDFORMATION', 'CLOUDWATCH', 'IAM', 'LAMBDA', 'SERVICE_QUOTAS'];

/** Makes the SDK's clients of the command line find the local services, and the fake account. */
export function awsVariables(endpoints: Stack['health']['endpoints'], fake: string): Record<string, string> {
  const services = Object.entries(endpoints).map(([name, url]) => [`AWS_ENDPOINT_URL_${name.toUpperCase()}`, url]);
  return {
    ...Object.fromEntries(services),
    ...Object.fromEntries(FAKES.map((name) => [`AWS_ENDPOINT_URL_${name}`, fake])),
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'reader',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** A stack in an account where nothing is wrong. What it names is the local stack. */
export function soundAccount({ url, health: { bucket, table, queues } }: Stack): FakeAccount {
  const queueUrl = (name: string): string => queues[`autoswiftnet-${name}`] ?? '';
  return {
    stackStatus: 'UPDATE_COMPLETE',
    outputs: {
      ApiUrl: url,
      ImageBucket: bucket,
      RecordsTable: table,
      ResultsTopic: topicArn('autoswiftnet-results'),
      UploadsQueueUrl: queueUrl('uploads'),
      UploadsDeadLettersUrl: queueUrl('uploads-dead-letters'),
      UploadsParkedUrl: queueUrl('uploads-parked'),
      HeavyQueueUrl: queueUrl('heavy'),
      HeavyDeadLettersUrl: queueUrl('heavy-dead-letters'),
      TaggingLogs: 'Photos-TaggingTagUploadLogs',
      ApiLogs: 'Photos-ApiFunctionLogs',
      HeavyLogs: 'Photos-HeavyLogs',
      GpuMachines: 'on-demand',
    },
    resources: [
      { id: 'TaggingTagUploadFunction1A', type: 'AWS::Lambda::Function', physicalId: 'Photos-TagUpload' },
      { id: 'TaggingSource1A', type: 'AWS::Lambda::EventSourceMapping', physicalId: MAPPING },
      { id: 'MonitoringUploadsOld1A', type: 'AWS::CloudWatch::Alarm', physicalId: 'Photos-UploadsOld' },
      { id: 'HeavyCluster1A', type: 'AWS::ECS::Cluster', physicalId: 'Photos-Cluster' },
      { id: 'HeavyMachines1A', type: 'AWS::ECS::CapacityProvider', physicalId: 'Photos-Machines' },
      { id: 'MonitoringBudget1A', type: 'AWS::Budgets::Budget', physicalId: 'Photos-Budget' },
    ],
    mappings: { [MAPPING]: { State: 'Enabled', EventSourceArn: queueArn(UPLOADS_QUEUE), MaximumConcurrency: 5 } },
    functions: { 'Photos-TagUpload': { State: 'Active' } },
    unreservedConcurrency: 10,
    quotas: { 'L-DB2E81BA': 8 },
    roles: [
      'AWSServiceRoleForECS',
      'AWSServiceRoleForECSCompute',
      'AWSServiceRoleForApplicationAutoScaling_ECSService',
    ],
    alarms: [
      {
        AlarmName: 'Photos-UploadsOld',
        AlarmDescription: 'UploadsOld: An upload has waited for more than 15 minutes.',
        StateValue: 'OK',
        AlarmActions: [ALARMS_TOPIC],
      },
    ],
    denied: [],
  };
}

/** The policies that a deployment sets. */
export async function setPolicies({ clients: { sns, sqs }, queues }: Deployment): Promise<void> {
  await sns.send(new CreateTopicCommand({ Name: 'Photos-Alarms' }));
  await setTopicPolicy(sns, ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com']);
  const Policy = policyText('sqs:SendMessage', ['s3.amazonaws.com']);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queues[0]?.url, Attributes: { Policy } }));
}

export async function setTopicPolicy(sns: Deployment['clients']['sns'], services: readonly string[]): Promise<void> {
  await sns.send(
    new SetTopicAttributesCommand({
      TopicArn: ALARMS_TOPIC,
      AttributeName: 'Policy',
      AttributeValue: policyText('sns:Publish', services),
    }),
  );
}

/** As `infra/parts/allow-service.ts` and `enforceSSL` write it. */
export function policyText(Action: string, services: readonly string[]): string {
  const Condition = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Principal: '*', Action, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ...services.map((Service) => ({ Effect: 'Allow', Principal: { Service }, Action, Condition })),
    ],
  });
}
