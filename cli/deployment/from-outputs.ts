import * as z from 'zod';
import { deployAgain } from './deploy-again.ts';
import type { AwsStack, BackfillParts, Clients, Deployment, WorkQueue } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';

/** Outputs of a stack by name, as `infra/` declares them. A test compares the two. */
export type StackOutputs = Readonly<Record<string, string>>;

export interface OutputParts {
  readonly outputs: StackOutputs;
  readonly aws: Omit<AwsStack, 'backfill'>;
  readonly clients: Clients;
}

/**
 * The outputs that are read here. A stack without a GPU has no heavy queue, and one of an older
 * version no backfill.
 */
const outputsSchema = z.object({
  ApiUrl: z.url(),
  ImageBucket: z.string().min(1),
  RecordsTable: z.string().min(1),
  ResultsTopic: z.string().min(1),
  UploadsQueueUrl: z.url(),
  UploadsDeadLettersUrl: z.url(),
  UploadsParkedUrl: z.url(),
  HeavyQueueUrl: z.url().optional(),
  HeavyDeadLettersUrl: z.url().optional(),
  BackfillStateMachineArn: z.string().min(1).optional(),
  BackfillConcurrency: z.coerce.number().int().min(1).optional(),
  ServiceBucket: z.string().min(1).optional(),
});

/**
 * Makes a deployment of the outputs of a stack.
 * @throws {DeploymentNotFoundError} naming the outputs that are missing
 */
export function deploymentFromOutputs({ outputs, aws, clients }: OutputParts): Deployment {
  const { data, error } = outputsSchema.safeParse(outputs);
  if (data === undefined) {
    const names = [...new Set(error.issues.map(({ path }) => String(path[0])))];
    throw new DeploymentNotFoundError(
      `the stack ${aws.name} has no output ${names.join(', ')}`,
      `If it is a stack of AutoSwiftNet, use this version. ${deployAgain(aws.name)}. Otherwise give the name of the right stack.`,
      error,
    );
  }
  return {
    name: `the stack ${aws.name}`,
    option: ` --stack ${aws.name} --region ${aws.region}`,
    apiUrl: new URL(data.ApiUrl),
    bucket: data.ImageBucket,
    table: data.RecordsTable,
    resultsTopicArn: data.ResultsTopic,
    queues: [
      { name: 'uploads', url: data.UploadsQueueUrl, deadLettersUrl: data.UploadsDeadLettersUrl },
      ...heavyQueue(data),
    ],
    parkedUrl: data.UploadsParkedUrl,
    clients,
    aws: { ...aws, backfill: backfillOf(data) },
  };
}

function backfillOf(outputs: z.output<typeof outputsSchema>): BackfillParts | null {
  const { BackfillStateMachineArn, BackfillConcurrency, ServiceBucket } = outputs;
  if (BackfillStateMachineArn === undefined || BackfillConcurrency === undefined || ServiceBucket === undefined) {
    return null;
  }
  return {
    stateMachineArn: BackfillStateMachineArn,
    serviceBucket: ServiceBucket,
    concurrency: BackfillConcurrency,
  };
}

function heavyQueue({ HeavyQueueUrl, HeavyDeadLettersUrl }: z.output<typeof outputsSchema>): WorkQueue[] {
  if (HeavyQueueUrl === undefined || HeavyDeadLettersUrl === undefined) return [];
  return [{ name: 'heavy', url: HeavyQueueUrl, deadLettersUrl: HeavyDeadLettersUrl }];
}
