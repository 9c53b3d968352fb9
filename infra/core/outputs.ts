import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { ConfigurationError } from '../../functions/errors.ts';
import type { Core } from './core.ts';

/**
 * What the constructs write, with its description. The command line finds the parts of a service by
 * these outputs (cli/deployment/from-outputs.ts).
 */
const DESCRIPTIONS = {
  ImageBucket: 'S3 bucket whose images are tagged',
  ImagePrefix: 'Begin of the keys that are tagged in this bucket',
  ImageSuffix: 'End of the keys that are tagged in this bucket',
  ImageEvents: 'Where its events come from',
  ServiceBucket: 'S3 bucket that holds the results of backfills, jobs and thumbnails',
  RecordsTable: 'DynamoDB table that holds the records and jobs',
  ResultsTopic: 'SNS topic to which every result is published',
  UploadsQueueUrl: 'Queue of the events of the bucket',
  UploadsDeadLettersUrl: 'Queue of uploads that failed on every attempt',
  UploadsParkedUrl: 'Queue of uploads that failed alone as well',
  TaggingLogs: 'Log group of the function that tags',
  ApiUrl: 'Address of the HTTP API',
  ApiLogs: 'Log group of the function that answers',
  HeavyQueueUrl: 'Queue of the requests to the heavy model',
  HeavyDeadLettersUrl: 'Queue of heavy requests that failed on every attempt',
  HeavyLogs: 'Log group of the GPU tasks',
  GpuMachines: 'How GPU machines are bought: on-demand or spot',
  BackfillStateMachineArn: 'State machine that tags what is already in the bucket',
  BackfillFunction: 'Function that tags a batch of it',
  BackfillConcurrency: 'Batches of a backfill at the same time, unless a run says',
} as const;

export type OutputName = keyof typeof DESCRIPTIONS;

/** Outputs of CloudFormation have names of letters and digits only. */
const PREFIX = /^[A-Za-z0-9]*$/;

/** Writes outputs of the stack, unless they are turned off. */
export function addOutputs(
  scope: Construct,
  { outputPrefix }: Pick<Core, 'outputPrefix'>,
  values: Readonly<Partial<Record<OutputName, string>>>,
): void {
  if (outputPrefix === null) return;
  for (const [name, value] of Object.entries(values)) {
    const output = new CfnOutput(scope, name, { description: DESCRIPTIONS[name as OutputName], value });
    output.overrideLogicalId(`${outputPrefix}${name}`);
  }
}

/**
 * Chooses what the names of the outputs begin with, so that a stack may have several services.
 * @param given default: the ids of the path from the stack to the service
 * @throws {ConfigurationError} when it has other signs than letters and digits
 */
export function chooseOutputPrefix(service: IConstruct, given: string | undefined): string {
  const stack = Stack.of(service);
  const ids = service.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  const chosen = ids.filter((id) => id !== 'Default').map((id) => id.replaceAll(/[^A-Za-z0-9]/g, ''));
  const prefix = given ?? chosen.join('');
  if (PREFIX.test(prefix)) return prefix;
  throw new ConfigurationError(
    `the prop outputPrefix of AutoSwiftNet must have letters and digits only, but it is ${JSON.stringify(prefix)}. CloudFormation takes nothing else in the names of outputs.`,
  );
}
