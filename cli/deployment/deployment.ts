import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { StackResource } from './stack-resource.ts';

/** A queue that a function or worker reads, and the queue of what failed there. */
export interface WorkQueue {
  /** `uploads`, `heavy` or the name of another queue of the local stack. */
  readonly name: string;
  readonly url: string;
  readonly deadLettersUrl: string;
}

/** The services that both the local stack and AWS have. */
export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
}

/** What tags the objects that were in the bucket before. */
export interface BackfillParts {
  readonly stateMachineArn: string;
  /** The function that tags a batch. */
  readonly functionName: string;
  /** The bucket that has the results of all runs. */
  readonly serviceBucket: string;
  /** Batches at the same time, if a run does not say. */
  readonly concurrency: number;
}

/**
 * Names of the log groups of the programs. Null: it has no such program, or is of an older version.
 */
export interface LogGroups {
  readonly tagging: string | null;
  readonly api: string | null;
  readonly heavy: string | null;
}

/** Which objects of the bucket are tagged: those whose keys begin and end like this. */
export interface Watched {
  readonly prefix: string;
  readonly suffix: string;
  readonly source: 'notifications' | 'event-bridge';
}

/** What only a stack on AWS has. */
export interface AwsStack {
  readonly name: string;
  /** CloudFormation's word, such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly region: string;
  readonly resources: readonly StackResource[];
  /** Null for a stack of a version without one. */
  readonly backfill: BackfillParts | null;
  /** Its name in a stack of somebody's own. Empty: the stack is the finished app. */
  readonly service: string;
  readonly logs: LogGroups;
  /** How its GPU machines are bought. Null: it has none, or is of an older version. */
  readonly gpuMachines: 'on-demand' | 'spot' | null;
  readonly watched: Watched;
}

/**
 * Where the parts of AutoSwiftNet are: the local stack, or a stack on AWS. The commands that look
 * after one read nothing else, so anything that can fill this in can be looked after.
 */
export interface Deployment {
  /** For people: `the stack AutoSwiftNet`, or `the local stack at http://127.0.0.1:3000`. */
  readonly name: string;
  /**
   * What names it on the command line: ` --stack NAME --region R`, with ` --service S` where it was
   * said, ` --url URL` or nothing.
   */
  readonly option: string;
  /** Null: a service in a stack of somebody's own may be without an API. */
  readonly apiUrl: URL | null;
  /** The watched bucket. */
  readonly bucket: string;
  readonly table: string;
  readonly resultsTopicArn: string;
  readonly queues: readonly WorkQueue[];
  /** The queue of uploads that failed alone, too. Null: this version has none. */
  readonly parkedUrl: string | null;
  readonly clients: Clients;
  /** Null for the local stack. */
  readonly aws: AwsStack | null;
  /** Addresses of the local stack's services by name, such as `s3`. */
  readonly endpoints?: Readonly<Record<string, string>>;
}

/**
 * The option that a command of `aws` needs for the deployment: ` --region R`. For the local stack,
 * it is ` --endpoint-url URL`: without it, the command would act on an account.
 */
export function awsOption({ aws, endpoints }: Pick<Deployment, 'aws' | 'endpoints'>, service: keyof Clients): string {
  if (aws !== null) return ` --region ${aws.region}`;
  const endpoint = endpoints?.[service];
  return endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`;
}

/** Closes the connections. */
export function closeDeployment({ clients }: Pick<Deployment, 'clients'>): void {
  for (const client of Object.values(clients)) client.destroy();
}
