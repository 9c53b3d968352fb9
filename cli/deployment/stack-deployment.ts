import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { createS3Client } from '../../functions/s3-client.ts';
import { createSqsClient } from '../../functions/sqs-client.ts';
import type { Deployment } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';
import { deploymentFromOutputs } from './from-outputs.ts';
import type { StackResource } from './stack-resource.ts';

/**
 * Finds a stack on AWS by its name, and its parts by its outputs.
 * @param options region: default that of the AWS configuration; service: default the only one
 * @throws {DeploymentNotFoundError} when there is no such stack, it has no AutoSwiftNet, or several
 * and none is chosen
 * @throws the SDK's error when CloudFormation refuses
 */
export async function openStackDeployment(
  name: string,
  { region, service }: { readonly region?: string; readonly service?: string },
  signal: AbortSignal,
): Promise<Deployment> {
  const cloudFormation = new CloudFormationClient(region === undefined ? {} : { region });
  try {
    const usedRegion = await regionOf(cloudFormation);
    const stack = await describe(cloudFormation, name, signal);
    const outputs = Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const resources = await list(cloudFormation, name, signal);
    return deploymentFromOutputs({
      outputs,
      service,
      aws: { name, status: stack.StackStatus ?? '', region: usedRegion, resources },
      clients: {
        s3: createS3Client(process.env, usedRegion),
        sqs: createSqsClient(process.env, usedRegion),
        sns: new SNSClient({ region: usedRegion }),
        dynamodb: new DynamoDBClient({ region: usedRegion }),
      },
    });
  } finally {
    cloudFormation.destroy();
  }
}

async function regionOf(client: CloudFormationClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw new DeploymentNotFoundError('no AWS region is set', 'Add --region REGION, or set AWS_REGION.', cause);
  }
}

async function describe(cloudFormation: CloudFormationClient, name: string, signal: AbortSignal): Promise<Stack> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: signal,
    });
    if (Stacks[0] !== undefined) return Stacks[0];
  } catch (error) {
    if (!isUnknownStack(error)) throw error;
  }
  const region = await cloudFormation.config.region();
  throw new DeploymentNotFoundError(
    `there is no stack ${name} in ${region}`,
    'Check the name (aws cloudformation list-stacks), the region (--region) and the account (aws sts get-caller-identity).',
  );
}

/** CloudFormation answers a name that it does not know with a ValidationError. */
function isUnknownStack(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist');
}

async function list(
  client: CloudFormationClient,
  StackName: string,
  abortSignal: AbortSignal,
): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  const pages = paginateListStackResources({ client }, { StackName }, { abortSignal });
  for await (const { StackResourceSummaries = [] } of pages) {
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResourceSummaries) {
      resources.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
    }
  }
  return resources;
}
