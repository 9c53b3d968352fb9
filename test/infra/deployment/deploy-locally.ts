import { join } from 'node:path';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { localSns } from '../../../local/clients.ts';
import { type Closers, startAll } from '../../../local/closers.ts';
import { startDynamoDb } from '../../../local/dynamodb.ts';
import { startLambda } from '../../../local/lambda.ts';
import { startMessaging } from '../../../local/messaging.ts';
import { type LocalS3, type StartS3Options, startS3 } from '../../../local/s3/server.ts';
import { resourcesOf, type Template } from '../assemblies.ts';
import { feedFunctions, openInvoker, queueUrlOf, readRoutes, runSchedules, type StartFunction } from './connect.ts';
import { creator } from './create-resource.ts';
import { nameOf, openResolver, type Resolve } from './resolver.ts';
import { serveRoutes } from './serve-routes.ts';

export interface LocalDeploymentOptions {
  readonly template: Template;
  /** Receives the data of the services. */
  readonly folder: string;
  readonly start: StartFunction;
  readonly onError: (error: unknown) => void;
}

/** A template whose resources exist on the embedded services. */
export interface LocalDeployment {
  readonly endpoints: Readonly<Record<'s3' | 'dynamodb' | 'sqs' | 'sns' | 'lambda', string>>;
  /** Address of the API. */
  readonly url: string;
  /** Returns the value of an output. */
  output(name: string): Promise<string>;
  /**
   * Calls what schedules of the template call, once.
   * @param path of their construct in the stack
   */
  runSchedules(path: string): Promise<unknown[]>;
  close(): Promise<void>;
}

/**
 * Creates the queues, topics, table and buckets of a template on the embedded services, and connects
 * its functions to event sources, routes and schedules, all as the template says. Nothing has a name
 * of the local stack.
 */
export async function deployLocally(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  return startAll((closers) => bringUp(options, closers));
}

async function bringUp(
  { template, folder, start, onError }: LocalDeploymentOptions,
  closers: Closers,
): Promise<Omit<LocalDeployment, 'close'>> {
  const dynamodb = await startDynamoDb({ dataDir: join(folder, 'dynamodb') });
  const messaging = await startMessaging();
  const { sqs } = messaging;
  const sns = localSns(messaging.endpoint);
  const lambda = await startLambda();
  closers.push(dynamodb.close, messaging.close, async () => sns.destroy(), lambda.close);

  // The local S3 is told at its start which queue gets the events, so that queue is created first.
  let s3: LocalS3 | undefined;
  const createBucket: LocalS3['createBucket'] = async (...bucket) => s3?.createBucket(...bucket);
  const resolve = openResolver(template, creator({ sqs, sns, dynamodb: dynamodb.client, s3: { createBucket } }));
  s3 = await startS3({ dataDir: join(folder, 's3'), onError, ...(await notifications(template, resolve, sqs)) });
  closers.push(s3.close);
  const endpoints = {
    s3: s3.endpoint,
    dynamodb: dynamodb.endpoint,
    sqs: messaging.endpoint,
    sns: messaging.endpoint,
    lambda: lambda.endpoint,
  };

  const parts = { template, resolve };
  const connections = { ...parts, invoke: openInvoker(parts, withEndpoints(start, endpoints)) };
  for (const [logicalId, { Type }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const name = nameOf(logicalId);
    lambda.register(name, (event) => connections.invoke(name, event));
  }
  const api = await serveRoutes(await readRoutes(connections));
  closers.push(api.close, await feedFunctions(connections, sqs, onError));
  return {
    endpoints,
    url: api.url,
    output: (name) => resolve(template.Outputs[name]?.Value),
    runSchedules: (path) => runSchedules(connections, path),
  };
}

/** Sends the events of the watched bucket to its queue, if they are of those that it asks for. */
async function notifications(
  template: Template,
  resolve: Resolve,
  sqs: SQSClient,
): Promise<Pick<Required<StartS3Options>, 'eventsQueueArn' | 'onEvent'>> {
  const configurations = resourcesOf(template, 'AWS::S3::Bucket').flatMap(
    ({ Properties }) =>
      (Properties['NotificationConfiguration'] as { QueueConfigurations: unknown[] } | undefined)
        ?.QueueConfigurations ?? [],
  );
  const watched = await resolve<{ readonly Event: string; readonly Queue: string }[]>(configurations);
  const [eventsQueueArn = '', ...others] = new Set(watched.map(({ Queue }) => Queue));
  if (others.length > 0) throw new Error('more than one queue gets events, which is not known here');
  const prefixes = watched.map(({ Event }) => Event.replace(/^s3:|\*$/g, ''));
  const QueueUrl = await queueUrlOf(sqs, eventsQueueArn);
  return {
    eventsQueueArn,
    async onEvent(notification) {
      const { Records } = notification;
      if (!Records.every(({ eventName }) => prefixes.some((prefix) => eventName.startsWith(prefix)))) return;
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(notification) }));
    },
  };
}

/** Adds the addresses of the services to the variables of each function. */
function withEndpoints(start: StartFunction, endpoints: LocalDeployment['endpoints']): StartFunction {
  const addresses = Object.entries(endpoints).map(([service, url]) => [
    `AWS_ENDPOINT_URL_${service.toUpperCase()}`,
    url,
  ]);
  return ({ logicalId, variables }) =>
    start({ logicalId, variables: { ...variables, ...Object.fromEntries(addresses) } });
}
