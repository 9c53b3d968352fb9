import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { startEventSource } from '../../../local/event-source.ts';
import { resourcesOf, type Template } from '../assemblies.ts';
import type { Resolve } from './resolver.ts';
import type { Route } from './serve-routes.ts';

/** A function of the template: its logical id, and the values of its variables. */
export interface DeployedFunction {
  readonly logicalId: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts an instance of a function. */
export type StartFunction = (deployed: DeployedFunction) => Promise<{ invoke(event: unknown): Promise<unknown> }>;

/** Hands an event to a function by its name or ARN, also with an alias or within a longer ARN. */
export type InvokeByName = (name: string, event: unknown) => Promise<unknown>;

export interface Connections {
  readonly template: Template;
  readonly resolve: Resolve;
  readonly invoke: InvokeByName;
}

interface Mapping {
  readonly BatchSize: number;
  readonly EventSourceArn: string;
  readonly FunctionName: string;
  readonly FunctionResponseTypes?: readonly string[];
  readonly FilterCriteria?: unknown;
}

/** SQS hands over so many messages at most. Lambda collects larger batches from several calls. */
const MAX_RECEIVED = 10;
/** Finds the logical id in the generated name. */
const LOGICAL_ID = /(?:^|:function:)[^-:/]+-(\w+)/;

/** Starts each function at its first event. */
export function openInvoker({ template, resolve }: Omit<Connections, 'invoke'>, start: StartFunction): InvokeByName {
  const started = new Map<string, ReturnType<StartFunction>>();
  const startOnce = async (logicalId: string) => {
    const { Environment = {} } = template.Resources[logicalId]?.Properties ?? {};
    const { Variables = {} } = await resolve<{ Variables?: Record<string, string> }>(Environment);
    return start({ logicalId, variables: Variables });
  };
  return async (name, event) => {
    const logicalId = LOGICAL_ID.exec(name)?.[1];
    if (logicalId === undefined) throw new Error(`${name} names no function`);
    const instance = started.get(logicalId) ?? startOnce(logicalId);
    started.set(logicalId, instance);
    return (await instance).invoke(event);
  };
}

/**
 * Feeds functions from queues, as the event source mappings of the template say.
 * @returns a function that stops that
 */
export async function feedFunctions(
  { template, resolve, invoke }: Connections,
  sqs: SQSClient,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const sources = await Promise.all(
    resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(async ({ Properties }) => {
      const mapping = await resolve<Mapping>(Properties);
      if (mapping.FilterCriteria !== undefined) throw new Error('filters of event sources are not known here');
      return startEventSource({
        sqs,
        queueUrl: await queueUrlOf(sqs, mapping.EventSourceArn),
        queueArn: mapping.EventSourceArn,
        instances: [{ ready: async () => {}, invoke: (event) => report(mapping, invoke(mapping.FunctionName, event)) }],
        batchSize: Math.min(mapping.BatchSize, MAX_RECEIVED),
        onError,
      });
    }),
  );
  return async () => {
    await Promise.all(sources.map((source) => source.stop()));
  };
}

/** Lambda reads which messages failed only if the mapping says that the function reports it. */
async function report({ FunctionResponseTypes = [] }: Mapping, answer: Promise<unknown>): Promise<unknown> {
  const answered = await answer;
  return FunctionResponseTypes.includes('ReportBatchItemFailures') ? answered : null;
}

/** Reads the routes of the HTTP API, each with its function. */
export function readRoutes({ template, resolve, invoke }: Connections): Promise<Route[]> {
  return Promise.all(
    resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(async ({ Properties }) => {
      const target = await resolve<string>(Properties['Target']);
      const integration = template.Resources[target.replace(/^integrations\/[^-]+-/, '')];
      const arn = await resolve<string>(integration?.Properties['IntegrationUri']);
      return {
        key: String(Properties['RouteKey']),
        authorization: String(Properties['AuthorizationType']),
        invoke: (event: unknown) => invoke(arn, event),
      };
    }),
  );
}

/** Calls what the schedules below a path of the construct tree call, once. */
export async function runSchedules({ template, resolve, invoke }: Connections, path: string): Promise<unknown[]> {
  const targets = resourcesOf(template, 'AWS::Events::Rule', path).flatMap(
    ({ Properties }) => Properties['Targets'] as { readonly Arn: unknown }[],
  );
  return Promise.all(targets.map(async ({ Arn }) => invoke(await resolve<string>(Arn), {})));
}

export async function queueUrlOf(sqs: SQSClient, arn: string): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: arn.split(':').at(-1) }));
  return QueueUrl;
}
