import * as z from 'zod';
import { deployAgain } from './deploy-again.ts';
import type { AwsStack, BackfillParts, Clients, Deployment, LogGroups, WorkQueue } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';

/** Outputs of a stack by name, as `infra/` declares them. A test compares the two. */
export type StackOutputs = Readonly<Record<string, string>>;

export interface OutputParts {
  readonly outputs: StackOutputs;
  readonly aws: Omit<AwsStack, 'service' | 'backfill' | 'logs' | 'gpuMachines' | 'watched'>;
  readonly clients: Clients;
  /** Which service of the stack is meant, if it has several. */
  readonly service?: string | undefined;
}

/** Every service has these. */
const serviceSchema = z.object({
  ImageBucket: z.string().min(1),
  RecordsTable: z.string().min(1),
  ResultsTopic: z.string().min(1),
  UploadsQueueUrl: z.url(),
  UploadsDeadLettersUrl: z.url(),
  UploadsParkedUrl: z.url(),
});

/** A service may be without an API, a GPU or a backfill, or of an older version. */
const outputsSchema = serviceSchema.extend({
  ImagePrefix: z.string().default(''),
  ImageSuffix: z.string().default(''),
  ImageEvents: z.enum(['notifications', 'event-bridge']).default('notifications'),
  TaggingLogs: z.string().optional(),
  ApiUrl: z.url().optional(),
  ApiLogs: z.string().optional(),
  HeavyQueueUrl: z.url().optional(),
  HeavyDeadLettersUrl: z.url().optional(),
  HeavyLogs: z.string().optional(),
  GpuMachines: z.enum(['on-demand', 'spot']).optional(),
  BackfillStateMachineArn: z.string().min(1).optional(),
  BackfillFunction: z.string().min(1).optional(),
  BackfillConcurrency: z.coerce.number().int().min(1).optional(),
  ServiceBucket: z.string().min(1).optional(),
});

type Outputs = z.output<typeof outputsSchema>;

/**
 * Makes a deployment of the outputs of a stack. In a stack of somebody's own their names begin with
 * that of the service; those of the finished app do not.
 * @throws {DeploymentNotFoundError} naming the outputs that are missing, or the services of which
 * one must be chosen
 */
export function deploymentFromOutputs({ outputs, aws, clients, service: asked }: OutputParts): Deployment {
  const service = chooseService(outputs, aws.name, asked);
  const { data, error } = outputsSchema.safeParse(withoutPrefix(outputs, service));
  if (data === undefined) {
    const names = [...new Set(error.issues.map(({ path }) => `${service}${String(path[0])}`))];
    throw new DeploymentNotFoundError(
      `the stack ${aws.name} has no output ${names.join(', ')}`,
      `If it is a stack of AutoSwiftNet, use this version. ${deployAgain({ name: aws.name, service })}. Otherwise give the name of the right stack.`,
      error,
    );
  }
  return {
    name: service === '' ? `the stack ${aws.name}` : `${service} in the stack ${aws.name}`,
    option: ` --stack ${aws.name} --region ${aws.region}${asked === undefined ? '' : ` --service ${asked}`}`,
    apiUrl: data.ApiUrl === undefined ? null : new URL(data.ApiUrl),
    bucket: data.ImageBucket,
    table: data.RecordsTable,
    resultsTopicArn: data.ResultsTopic,
    queues: [
      { name: 'uploads', url: data.UploadsQueueUrl, deadLettersUrl: data.UploadsDeadLettersUrl },
      ...heavyQueue(data),
    ],
    parkedUrl: data.UploadsParkedUrl,
    clients,
    aws: {
      ...aws,
      service,
      backfill: backfillOf(data),
      logs: logsOf(data),
      gpuMachines: data.GpuMachines ?? null,
      watched: { prefix: data.ImagePrefix, suffix: data.ImageSuffix, source: data.ImageEvents },
    },
  };
}

/** @returns what the outputs of the service begin with; nothing for the finished app */
function chooseService(outputs: StackOutputs, stack: string, asked: string | undefined): string {
  const services = servicesOf(outputs);
  if (asked !== undefined && !services.includes(asked)) {
    throw new DeploymentNotFoundError(
      `the stack ${stack} has no service ${asked}`,
      services.length === 0 ? 'It has none at all: give the name of the right stack.' : `It has ${list(services)}.`,
    );
  }
  if (asked === undefined && services.length > 1) {
    throw new DeploymentNotFoundError(
      `the stack ${stack} has several services: ${list(services)}`,
      `Say which one is meant: --service ${services.find((name) => name !== '') ?? ''}`,
    );
  }
  return asked ?? services[0] ?? '';
}

function list(services: readonly string[]): string {
  return services.map((service) => (service === '' ? 'one without a name' : service)).join(', ');
}

/** Each name before all that a service has. The outputs of others may end like one of ours. */
function servicesOf(outputs: StackOutputs): string[] {
  const [first = '', ...others] = Object.keys(serviceSchema.shape);
  return Object.keys(outputs)
    .filter((name) => name.endsWith(first))
    .map((name) => name.slice(0, -first.length))
    .filter((service) => others.every((other) => `${service}${other}` in outputs))
    .sort();
}

function withoutPrefix(outputs: StackOutputs, service: string): StackOutputs {
  return Object.fromEntries(
    Object.keys(outputsSchema.shape)
      .map((name) => [name, outputs[`${service}${name}`]] as const)
      .filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}

function backfillOf(outputs: Outputs): BackfillParts | null {
  const { BackfillStateMachineArn, BackfillFunction, BackfillConcurrency, ServiceBucket } = outputs;
  if (
    BackfillStateMachineArn === undefined ||
    BackfillFunction === undefined ||
    BackfillConcurrency === undefined ||
    ServiceBucket === undefined
  ) {
    return null;
  }
  return {
    stateMachineArn: BackfillStateMachineArn,
    functionName: BackfillFunction,
    serviceBucket: ServiceBucket,
    concurrency: BackfillConcurrency,
  };
}

function logsOf({ TaggingLogs, ApiLogs, HeavyLogs }: Outputs): LogGroups {
  return { tagging: TaggingLogs ?? null, api: ApiLogs ?? null, heavy: HeavyLogs ?? null };
}

function heavyQueue({ HeavyQueueUrl, HeavyDeadLettersUrl }: Outputs): WorkQueue[] {
  if (HeavyQueueUrl === undefined || HeavyDeadLettersUrl === undefined) return [];
  return [{ name: 'heavy', url: HeavyQueueUrl, deadLettersUrl: HeavyDeadLettersUrl }];
}
